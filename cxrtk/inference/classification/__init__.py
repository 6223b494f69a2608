"""Classification of pathologies from the whole radiograph or the lungs, and their localisation."""
