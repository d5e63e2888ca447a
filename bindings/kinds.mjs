/** What the files of the four kinds of the module have in their names: see CMakeLists.txt. */
export const kinds = ['', '-relaxed', '-threads', '-relaxed-threads'];
