package loosening

// exceptions compares the files of exceptions.
func exceptions(f *File) []Alteration { return added("permits more")(f) }
