project = "Digits"
extensions = ["myst_parser"]
html_static_path = ["_static"]
html_css_files = ["card.css"]
