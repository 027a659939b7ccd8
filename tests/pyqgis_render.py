"""What QGIS itself makes of a GeoPackage; run by Debian's Python, which has PyQGIS, never imported by the tests.

    /usr/bin/python3 tests/pyqgis_render.py REQUEST.json ANSWER.json

The request names the ``geopackage`` and its ``project``, or the ``file`` of one;
and ``pictures``: each with a ``png``, an ``extent``, the
``size`` in pixels, the ``layers`` drawn (ids of the project; without them those that are visible) and ``at``, places
whose colour is asked for. The answer says what opened, how it looks, and the colours.
"""

import json
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayerTree,
    QgsLayoutItemLegend,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPrintLayout,
    QgsProject,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def symbol_layers(symbol):
    parts = []
    for part in symbol.symbolLayers():
        told = {"class": part.layerType(), **{key: str(value) for key, value in part.properties().items()}}
        parts.append(told)
    return parts


def rules(rule):
    found = []
    for child in rule.children():
        own = {"filter": child.filterExpression(), "label": child.label(), "children": rules(child)}
        if child.symbol() is not None:
            own["symbol"] = symbol_layers(child.symbol())
        found.append(own)
    return found


def labels(layer):
    if layer.labeling() is None or not layer.labelsEnabled():
        return None
    settings = layer.labeling().settings()
    expression = QgsExpression(settings.fieldName) if settings.isExpression else None
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    texts = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        texts.append(str(feature[settings.fieldName] if expression is None else expression.evaluate(context)))
    text = settings.format()
    return {
        "field": settings.fieldName,
        "expression": settings.isExpression,
        "texts": texts,
        "html": text.allowHtmlFormatting(),
        "size": [text.size(), int(text.sizeUnit())],
        "colour": text.color().name(),
        "halo": [text.buffer().enabled(), text.buffer().color().name(), text.buffer().size()],
    }


def vector(layer):
    told = {"features": layer.featureCount(), "geometry": int(layer.geometryType()), "subset": layer.subsetString()}
    renderer = layer.renderer()
    if renderer is not None:
        told["renderer"] = renderer.type()
        told["rules"] = rules(renderer.rootRule()) if renderer.type() == "RuleRenderer" else None
        told["labels"] = labels(layer)
        told["scale"] = layer.minimumScale() if layer.hasScaleBasedVisibility() else None
    return told


def raster(layer):
    renderer = layer.renderer()
    told = {"renderer": renderer.type(), "opacity": renderer.opacity()}
    if renderer.type() == "singlebandpseudocolor":
        items = renderer.shader().rasterShaderFunction().colorRampItemList()
        told["classes"] = [[item.value, item.color.name(), item.label] for item in items]
    if renderer.type() == "paletted":
        told["classes"] = [[item.value, item.color.name(), item.label] for item in renderer.classes()]
    return told


def about(layer):
    metadata = layer.metadata()
    return {
        "name": layer.name(),
        "valid": layer.isValid(),
        "source": layer.source(),
        "provider": layer.providerType(),
        "crs": layer.crs().authid(),
        "rights": metadata.rights(),
        "licences": metadata.licenses(),
        **(vector(layer) if isinstance(layer, QgsVectorLayer) else raster(layer)),
    }


def tree(group):
    found = []
    for child in group.children():
        shown = {"name": child.name(), "checked": child.itemVisibilityChecked()}
        if QgsLayerTree.isGroup(child):
            shown |= {"exclusive": child.isMutuallyExclusive(), "children": tree(child)}
        else:
            shown |= {"layer": child.layerId()}
        found.append(shown)
    return found


def sublayers(path):
    """Each table as QGIS opens it by itself, with the style that the file holds for it."""
    details = (
        QgsProviderRegistry.instance()
        .providerMetadata("ogr")
        .querySublayers(path, Qgis.SublayerQueryFlags(Qgis.SublayerQueryFlag.ResolveGeometryType))
    )
    found = {}
    for detail in details:
        layer = QgsVectorLayer(detail.uri(), detail.name(), "ogr")
        _, styled = layer.loadDefaultStyle()
        found.setdefault(detail.name(), []).append({"styled": styled, **about(layer)})
    return found


def legend_texts(project):
    """What a print layout's legend writes, group and layer titles evaluated as it does."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    legend = QgsLayoutItemLegend(layout)
    layout.addLayoutItem(legend)
    context = legend.createExpressionContext()
    settings = legend.legendSettings()
    model = legend.model()
    texts = []
    for node in project.layerTreeRoot().findGroups(True) + project.layerTreeRoot().findLayers():
        texts += settings.evaluateItemText(node.name(), context)
    for node in project.layerTreeRoot().findLayers():
        for entry in model.layerLegendNodes(node):
            texts.append(entry.evaluateLabel(context) if hasattr(entry, "evaluateLabel") else entry.data(0))
    return [str(text) for text in texts if text]


def draw(project, wanted):
    settings = QgsMapSettings()
    ids = wanted.get("layers")
    root = project.layerTreeRoot()
    if ids is None:
        layers = [node.layer() for node in root.findLayers() if node.isVisible()]
    else:
        layers = [project.mapLayer(name) for name in ids]
    settings.setLayers([layer for layer in layers if layer.isSpatial()])
    settings.setDestinationCrs(project.crs())
    settings.setExtent(QgsRectangle(*wanted["extent"]))
    settings.setOutputSize(QSize(*wanted["size"]))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("#ffffff"))
    settings.setFlag(QgsMapSettings.Antialiasing, True)
    settings.setExpressionContext(project.createExpressionContext())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    assert image.save(wanted["png"])
    to_pixel = settings.mapToPixel()
    colours = []
    for x, y in wanted["at"]:
        place = to_pixel.transform(x, y)
        colours.append(image.pixelColor(int(place.x()), int(place.y())).name())
    return {"colours": colours, "errors": [error.message for error in job.errors()]}


def main(request, answer):
    wanted = json.loads(Path(request).read_text(encoding="utf-8"))
    project = QgsProject.instance()
    said = {"version": Qgis.QGIS_VERSION}
    if "file" in wanted:
        said["opened"] = project.read(wanted["file"])
    else:
        path = wanted["geopackage"]
        said["tables"] = sublayers(path)
        said["opened"] = project.read(f"geopackage:{path}?projectName={wanted['project']}")
    said |= {
        "title": project.title(),
        "crs": project.crs().authid(),
        "units": int(project.crs().mapUnits()),
        "abstract": project.metadata().abstract(),
        "decorations": {
            name: [project.readBoolEntry(name, "/Enabled")[0], project.readEntry(name, "/Label")[0]]
            for name in ("TitleLabel", "CopyrightLabel")
        },
        "extent": [round(number, 1) for number in rectangle(project.viewSettings().defaultViewExtent())],
        "tree": tree(project.layerTreeRoot()),
        "layers": {name: about(layer) for name, layer in project.mapLayers().items()},
        "legend": legend_texts(project),
        "pictures": [draw(project, picture) for picture in wanted["pictures"]],
    }
    Path(answer).write_text(json.dumps(said, ensure_ascii=False, default=str), encoding="utf-8")


def rectangle(box):
    return [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()]


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    main(*sys.argv[1:])
    QgsProject.instance().clear()
    application.exitQgis()
