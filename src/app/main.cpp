// SPDX-License-Identifier: EUPL-1.2
#include "app/commands.h"

int main(int argc, char **argv) {
    return fernamt::app::run(argc, argv);
}
