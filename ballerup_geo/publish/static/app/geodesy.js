/* Lengths and areas on the ground: the map's web Mercator does not measure, EPSG:25832 (UTM zone 32, GRS80) does. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const A_M = 6378137; // GRS80
  const FLATTENING = 1 / 298.257222101;
  const MERIDIAN_DEG = 9;
  const SCALE = 0.9996;
  const FALSE_EAST_M = 500000;
  const rad = (degrees) => (degrees * Math.PI) / 180;

  /* Krüger's series in the third flattening n, to its fourth power: below a millimetre in the zone. */
  const n = FLATTENING / (2 - FLATTENING);
  const RADIUS_M = (A_M / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const ALPHA = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
    (49561 / 161280) * n ** 4,
  ];
  const E = Math.sqrt(FLATTENING * (2 - FLATTENING));

  /** Easting and northing in metres of EPSG:25832. */
  app.eastNorthOf = function ({ lat, lng }) {
    const sin = Math.sin(rad(lat));
    const t = Math.sinh(Math.atanh(sin) - E * Math.atanh(E * sin));
    const away = rad(lng - MERIDIAN_DEG);
    const xi = Math.atan2(t, Math.cos(away));
    const eta = Math.atanh(Math.sin(away) / Math.hypot(1, t));
    let [east, north] = [eta, xi];
    ALPHA.forEach((alpha, j) => {
      const k = 2 * (j + 1);
      east += alpha * Math.cos(k * xi) * Math.sinh(k * eta);
      north += alpha * Math.sin(k * xi) * Math.cosh(k * eta);
    });
    return [FALSE_EAST_M + SCALE * RADIUS_M * east, SCALE * RADIUS_M * north];
  };

  app.metresBetween = function (a, b) {
    const [from, to] = [app.eastNorthOf(a), app.eastNorthOf(b)];
    return Math.hypot(to[0] - from[0], to[1] - from[1]);
  };

  /** Length of a line through places, m. */
  app.lengthOf = (places) => places.slice(1).reduce((sum, place, k) => sum + app.metresBetween(places[k], place), 0);

  /** Area within a ring of places, m²: the shoelace formula on the plane. */
  app.areaOf = function (places) {
    const points = places.map(app.eastNorthOf);
    const twice = points.reduce((sum, [x, y], k) => {
      const [nextX, nextY] = points[(k + 1) % points.length];
      return sum + (x - points[0][0]) * (nextY - points[0][1]) - (nextX - points[0][0]) * (y - points[0][1]);
    }, 0);
    return Math.abs(twice) / 2;
  };

  const unit = (value, digits, name) => app.number(value, digits) + "\u00a0" + name;

  /** 12,3 m; 456 m; 12,34 km. */
  app.lengthText = (m) => (m < 10000 ? unit(m, m < 100 ? 1 : 0, "m") : unit(m / 1000, 2, "km"));

  /** How far away something is, no finer than a reader needs: 680 m; 5,5 km. */
  app.distanceText = (m) => (m < 1000 ? unit(m, m < 100 ? 0 : -1, "m") : unit(m / 1000, 1, "km"));

  /** 850 m²; 1,25 ha; 345 ha. */
  app.areaText = (m2) => (m2 < 10000 ? unit(m2, 0, "m²") : unit(m2 / 10000, m2 < 1e6 ? 2 : 1, "ha"));
})(globalThis.ballerupGeo);
