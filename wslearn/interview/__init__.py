"""The interview room: cards, drills and a rehearsal, from one question bank."""
