"""The sections of the RFCs that questions refer to: all of RFC 6455, and of RFC 7692 the protocol's own."""

from tests.rfc6455.rfc import sections

#: Lessons with questions of engineering, and of how to answer: no text rules those.
UNRULED = {"10_use_cases", "11_scaling", "13_interview"}

SECTIONS = {
    "RFC 6455": set(sections()),
    "RFC 7692": {
        *(
            "1",
            "2",
            "3",
            "4",
            "5",
            "5.1",
            "5.2",
            "6",
            "6.1",
            "6.2",
            "7",
            "7.1",
            "7.1.1",
            "7.1.1.1",
            "7.1.1.2",
        ),
        *("7.1.2", "7.1.2.1", "7.1.2.2", "7.1.3", "7.2", "7.2.1", "7.2.2", "7.2.3"),
        *("7.2.3.1", "7.2.3.2", "7.2.3.3", "7.2.3.4", "7.2.3.5", "7.2.3.6", "8"),
    },
}
