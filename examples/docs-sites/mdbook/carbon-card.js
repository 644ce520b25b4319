// mdBook's own scripts are no modules: this one loads the element, which is, from beside it.
import(new URL("carbon-report/element.js", document.currentScript.src));
