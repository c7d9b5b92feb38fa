"""How a module is shown: its panel, or the section Environment alone as long as packages are missing."""
