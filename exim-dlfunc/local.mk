# nothing here so far
