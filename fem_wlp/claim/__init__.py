"""What the source documents claim, device and method, held against a package."""

from .answer import as_data, claims, require_met
from .record import Claim, Claims

__all__ = ["Claim", "Claims", "as_data", "claims", "require_met"]
