# glassformer_link_headers(TARGET FOLDER...) makes the imported target TARGET, whose include folder
# holds nothing but links to the named folders of /usr/include. Where one of them is missing there
# is no such target afterwards.
function(glassformer_link_headers target)
  string(MAKE_C_IDENTIFIER ${target} name)
  set(links ${PROJECT_BINARY_DIR}/linked_headers/${name})
  file(MAKE_DIRECTORY ${links})
  foreach(folder IN LISTS ARGN)
    if(NOT IS_DIRECTORY /usr/include/${folder})
      return()
    endif()
    get_filename_component(link ${folder} NAME)
    file(CREATE_LINK /usr/include/${folder} ${links}/${link} SYMBOLIC)
  endforeach()
  # GLOBAL: the caller may sit in a folder below the one that links the target.
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE ${links})
endfunction()
