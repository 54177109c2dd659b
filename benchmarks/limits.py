"""D between its analytic limits: draws the picture of docs/limits.md and writes its numbers.

python benchmarks/limits.py
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from fem_wlp.report.between_figure import limits_picture
from fem_wlp.verification.between import all_limits

HERE = Path(__file__).parent
PICTURE = HERE.parent / "docs" / "images" / "limits.png"


def main() -> None:
    """Compute, draw, write."""
    found = all_limits()
    PICTURE.write_bytes(limits_picture(found).png)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "version": version("fem-wlp"),
        "limits": [
            {
                "title": limit.title,
                "against": limit.place_name,
                "curves": [
                    {
                        "name": curve.name,
                        "place": curve.place.round(6).tolist(),
                        "computed": curve.computed.round(6).tolist(),
                        "formula": curve.formula.round(6).tolist(),
                        "end": None if curve.end is None else round(curve.end, 6),
                    }
                    for curve in limit.curves
                ],
            }
            for limit in found
        ],
    }
    (HERE / "limits.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
