project = "Digits"
extensions = ["myst_parser"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["card.css"]
html_js_files = [("carbon-report/element.js", {"type": "module"})]
html_extra_path = ["report.json"]
