# SPDX-License-Identifier: EUPL-1.2
# fernamt_module(<room> [PURE] [TEST_COST seconds] [DEPENDS room...] [LIBRARIES lib...]
#                [TEST_LIBRARIES lib...])
#
# One static library per room (fernamt_<room>), one test program (<room>_test) from its *_test.cpp
# and one benchmark program (<room>_bench) from its *_bench.cpp. A PURE room may depend on other
# pure rooms only and links no library: the build refuses anything else.

set(FERNAMT_PURE_ROOMS base CACHE INTERNAL "")

function(fernamt_compile_options target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror
        -Wno-missing-field-initializers # designated initializers leave members at their defaults
        # GCC 12 sees ghosts in std::variant and std::string when it optimises (GCC bugs 105593, 105651).
        "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized;-Wno-restrict>"
        # clang 19 against libstdc++ 12: std::stable_sort uses what the library itself deprecates.
        "$<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>"
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
endfunction()

function(fernamt_module room)
    cmake_parse_arguments(M "PURE" "TEST_COST" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
    if(M_PURE)
        if(M_LIBRARIES)
            message(FATAL_ERROR "${room} is pure and may link no library, but lists ${M_LIBRARIES}")
        endif()
        foreach(other ${M_DEPENDS})
            if(NOT other IN_LIST FERNAMT_PURE_ROOMS)
                message(FATAL_ERROR "${room} is pure and must not depend on ${other}")
            endif()
        endforeach()
        set(FERNAMT_PURE_ROOMS ${FERNAMT_PURE_ROOMS} ${room} CACHE INTERNAL "")
    endif()

    file(GLOB sources CONFIGURE_DEPENDS *.cpp *.c)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    set(benches ${sources})
    list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")

    add_library(fernamt_${room} STATIC ${sources})
    fernamt_compile_options(fernamt_${room})
    target_link_libraries(fernamt_${room} PUBLIC fmt::fmt Threads::Threads)
    foreach(other ${M_DEPENDS})
        target_link_libraries(fernamt_${room} PUBLIC fernamt_${other})
    endforeach()
    target_link_libraries(fernamt_${room} PRIVATE ${M_LIBRARIES})

    if(NOT DEFINED M_TEST_COST)
        set(M_TEST_COST 0) # ctest's own measurements decide (tests/CMakeLists.txt)
    endif()
    if(tests AND BUILD_TESTING)
        add_executable(${room}_test ${tests})
        fernamt_compile_options(${room}_test)
        target_compile_definitions(${room}_test PRIVATE
            FERNAMT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" FERNAMT_BINARY_DIR="${CMAKE_BINARY_DIR}")
        target_link_libraries(${room}_test PRIVATE fernamt_${room} GTest::gtest GTest::gmock
            GTest::gtest_main ${M_LIBRARIES} ${M_TEST_LIBRARIES})
        gtest_discover_tests(${room}_test DISCOVERY_TIMEOUT 60
            PROPERTIES LABELS ${room} TIMEOUT 300 COST ${M_TEST_COST})
    endif()
    if(benches)
        # Not among what the tests build: script/bench asks for it, optimised.
        add_executable(${room}_bench EXCLUDE_FROM_ALL ${benches})
        fernamt_compile_options(${room}_bench)
        target_compile_definitions(${room}_bench PRIVATE FERNAMT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
        target_link_libraries(${room}_bench PRIVATE fernamt_${room} benchmark benchmark_main
            ${M_LIBRARIES} ${M_TEST_LIBRARIES})
    endif()
endfunction()
