// SPDX-License-Identifier: Apache-2.0
/** WeChat's own browser: it gives a page no camera on many phones, and asks in a way that leaves people stuck. */

/** @param {string} userAgent @returns {boolean} WeChat, WeCom and mini programs' web views all say so */
export const isWechat = (userAgent) => /\bMicroMessenger\//i.test(userAgent);
