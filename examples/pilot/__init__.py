"""The pilot county: 400 made-up teachers, 20 schools, 30 sections, and the script that drew them."""
