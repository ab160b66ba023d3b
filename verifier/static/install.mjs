// SPDX-License-Identifier: Apache-2.0
/** For pages that check nothing themselves: prepares this phone for a time without a network. docs/offline.md. */

import { idle, install } from "./phone/install.mjs";

idle().then(install);
