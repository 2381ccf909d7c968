"""A project of models that another engine cannot have as they are."""

LONG = "a_name_of_seventy_characters_" + "x" * 41
