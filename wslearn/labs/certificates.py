"""A certificate for this machine that nobody trusts who is not told to; the system's trust stays as it is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Certificates"]


class Certificates:
    """A certificate for this machine, and an authority that nobody trusts who is not told to.

    Parameters
    ----------
    folder
        Where the files are put.
    """

    def __init__(self, folder: Path) -> None:
        import trustme

        authority = trustme.CA()
        leaf = authority.issue_cert("127.0.0.1", "localhost")
        self.chain, self.key, self.authority = (folder / f"{name}.pem" for name in ("chain", "key", "ca"))
        self.chain.write_bytes(b"".join(each.bytes() for each in leaf.cert_chain_pems))
        self.key.touch(mode=0o600)
        leaf.private_key_pem.write_to_path(str(self.key))
        authority.cert_pem.write_to_path(str(self.authority))

    @property
    def context(self) -> ssl.SSLContext:
        """For a client that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.authority))
