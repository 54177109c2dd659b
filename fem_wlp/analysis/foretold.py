"""What a solve will take, of either kind of model."""

from __future__ import annotations

from ..array.forecast import ArrayForecast, array_forecast
from ..joint.forecast import Forecast, forecast
from ..package.model import Package


def forecast_of(package: Package) -> Forecast | ArrayForecast:
    """Foretell what a solve will take, before anything is meshed."""
    return forecast(package) if package.model.kind == "2d" else array_forecast(package)
