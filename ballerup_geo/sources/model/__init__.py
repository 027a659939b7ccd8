"""The modelled municipality: Ballerup's true frame filled with an invented town, from a seed.

True are the extent, names, stations, known school sites, recipients, the highest point, lengths and proportions
(``facts/``, each table with its source). Houses, streets, hills, owners and the rest are invented. One module a layer.
"""

from ballerup_geo.sources.model.town import BUILDERS, MODEL_VERSION, SEED, Town, town

__all__ = ["BUILDERS", "MODEL_VERSION", "SEED", "Town", "town"]
