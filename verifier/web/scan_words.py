# SPDX-License-Identifier: Apache-2.0
"""Words of the scan page, Chinese and English. They come with the page, not the script."""

from __future__ import annotations

from verifier.protocol.fields import Text

# For the template, by key; part of words.WORDS.
SCAN_WORDS: dict[str, Text] = {
    "scan_title": Text(zh="扫一扫产品码", en="Scan a product code"),
    "scan_short": Text(zh="扫码", en="Scan"),
    "scan_lead": Text(
        zh="对准包装上的二维码。画面只在这部手机里处理，不会上传。",
        en="Point the camera at the code on the package. The pictures stay on this phone and are sent nowhere.",
    ),
    "scan_no_script": Text(
        zh="这个浏览器没有运行本页的脚本，所以不能在这里扫码。请用手机自带的相机或微信“扫一扫”扫描二维码，它会打开验码页；"
        "也可以在下面输入码的网址。",
        en="This browser does not run the script of this page, so it cannot scan here. Use your phone's own camera or "
        "WeChat's scanner: it opens the check page. Or type the address of the code below.",
    ),
    "scan_mode": Text(zh="扫码方式", en="How to scan"),
    "scan_mode_one": Text(zh="查一个码", en="One code"),
    "scan_mode_list": Text(zh="连续扫码（店铺）", en="List (for shops)"),
    "scan_start": Text(zh="打开摄像头", en="Start the camera"),
    "scan_restart": Text(zh="再试一次", en="Try again"),
    "scan_torch": Text(zh="补光灯", en="Light"),
    "scan_zoom": Text(zh="放大", en="Zoom"),
    "scan_video": Text(zh="摄像头画面", en="What the camera sees"),
    "scan_details": Text(zh="查看完整结果", en="The whole result"),
    "scan_foreign": Text(zh="这个码指向另一个网站", en="This code leads to another website"),
    "scan_foreign_note": Text(
        zh="还没有打开任何内容。您现在所在的网站是",
        en="Nothing was opened. You are on",
    ),
    "scan_foreign_unicode": Text(zh="这个网址也写作", en="The same name is also written"),
    "scan_foreign_here": Text(zh="在这里用本登记处核对", en="Check it here, with this registry"),
    "scan_foreign_open": Text(zh="打开该网站：", en="Open that site:"),
    "scan_foreign_dismiss": Text(zh="都不要，继续扫码", en="Neither: scan on"),
    "scan_inert": Text(zh="这不是产品码", en="This is not a product code"),
    "scan_inert_text": Text(zh="扫到的内容（只显示，不打开）", en="What it says (shown, never opened)"),
    "scan_ways": Text(zh="其他方式：照片、输入", en="Other ways: photo, typing"),
    "scan_photo": Text(zh="选择或拍一张照片", en="Choose or take a photo"),
    "scan_photo_hint": Text(
        zh="照片在这部手机上识别，不会上传。", en="The photo is read on this phone and sent nowhere."
    ),
    "scan_list": Text(zh="已扫清单", en="The list"),
    "scan_list_empty": Text(
        zh="还没有扫码。每个码一行，可以导出。清单只记录码和结果，不记录人和地点。",
        en="Nothing was scanned yet. Each code gets a row, and the list can be exported. It records codes and results, "
        "no person and no place.",
    ),
    "scan_list_not_kept": Text(
        zh="这个浏览器不保存清单：关闭或刷新本页前请先导出。",
        en="This browser does not keep the list: export it before you close or reload this page.",
    ),
    "scan_csv": Text(zh="导出表格（CSV）", en="Export a table (CSV)"),
    "scan_json": Text(zh="导出 JSON", en="Export JSON"),
    "scan_clear": Text(zh="清空", en="Clear"),
    "scan_sound": Text(zh="提示音和振动", en="Sound and vibration"),
    "scan_wechat": Text(zh="微信里打不开摄像头", en="WeChat does not let this page use the camera"),
    "scan_wechat_open": Text(
        zh="点右上角的“···”，选择“在浏览器打开”，就可以扫码。",
        en="Tap ··· at the top right and choose “Open in browser”: there you can scan.",
    ),
    "scan_wechat_photo": Text(
        zh="或者拍下二维码，在下面选择照片。", en="Or take a picture of the code and choose it below."
    ),
    "scan_wechat_scanner": Text(
        zh="微信自带的“扫一扫”也可以直接扫描产品码。", en="WeChat's own scanner reads product codes as well."
    ),
    "scan_wechat_address": Text(zh="本页地址，可以复制", en="The address of this page, to copy"),
}

# For the script, by key.
SCAN_SCRIPT_WORDS: dict[str, Text] = {
    "hint.starting": Text(
        zh="正在打开摄像头……如果浏览器询问，请选择“允许”。",
        en="Starting the camera… If the browser asks, choose “Allow”.",
    ),
    "hint.torch": Text(zh="太暗了：打开补光灯", en="Too dark: switch on the light"),
    "hint.dark": Text(zh="太暗了：换到亮一点的地方", en="Too dark: find more light"),
    "hint.closer": Text(zh="靠近一点", en="Come closer"),
    "hint.farther": Text(zh="拿远一点", en="Move away a little"),
    "hint.glare": Text(zh="反光太强：换个角度", en="Too bright: turn it away from the light"),
    "hint.still": Text(zh="看到码了，请拿稳", en="The code is in view: hold still"),
    "hint.aim": Text(zh="把二维码放进框里", en="Put the code into the frame"),
    "hint.other_way": Text(
        zh="还是扫不到？可以拍张照片，或输入码的网址。", en="Still nothing? Take a photo, or type the address."
    ),
    "camera.refused": Text(zh="没有摄像头权限", en="The camera is not allowed"),
    "camera.refused.note": Text(
        zh="请在浏览器的地址栏或系统设置里允许本网站使用摄像头，然后再试一次。也可以选择照片或输入网址。",
        en="Allow the camera for this site in the browser's address bar or in the phone's settings, then try again. Or "
        "choose a photo, or type the address.",
    ),
    "camera.none": Text(zh="没有找到摄像头", en="There is no camera"),
    "camera.none.note": Text(
        zh="请选择一张照片，或输入码的网址。", en="Choose a photo of the code, or type its address."
    ),
    "camera.busy": Text(zh="摄像头正被占用", en="The camera is in use"),
    "camera.busy.note": Text(
        zh="请关闭正在使用摄像头的其他应用或页面，然后再试一次。",
        en="Close the other app or page that uses the camera, then try again.",
    ),
    "camera.insecure": Text(zh="这个连接不安全，不能用摄像头", en="No camera on a connection that is not secure"),
    "camera.insecure.note": Text(
        zh="请用 https 打开本页。也可以选择照片或输入网址。",
        en="Open this page with https. Or choose a photo, or type the address.",
    ),
    "camera.unsupported": Text(zh="这个浏览器不能使用摄像头", en="This browser offers no camera"),
    "camera.unsupported.note": Text(
        zh="请换一个浏览器，或选择照片、输入网址。", en="Use another browser, choose a photo, or type the address."
    ),
    "camera.broken": Text(zh="摄像头没有打开", en="The camera did not start"),
    "camera.broken.note": Text(
        zh="请再试一次，或选择照片、输入网址。", en="Try again, choose a photo, or type the address."
    ),
    "camera.ended": Text(zh="摄像头已停止", en="The camera has stopped"),
    "camera.ended.note": Text(
        zh="系统收回了摄像头，可能有别的应用在用。请再试一次。",
        en="The phone took the camera back; another app may be using it. Try again.",
    ),
    "camera.no_decoder": Text(zh="识别程序没有下载成功", en="The reader did not arrive"),
    "camera.no_decoder.note": Text(
        zh="请联网后再试一次，或输入码的网址。", en="Try again when you are online, or type the address of the code."
    ),
    "photo.reading": Text(zh="正在识别照片……", en="Reading the photo…"),
    "photo.empty": Text(
        zh="照片里没有找到二维码。请靠近、对焦、避开反光再拍一张。",
        en="There is no readable code in this photo. Take another: closer, sharp, without reflections.",
    ),
    "photo.broken": Text(
        zh="这个文件不是浏览器能打开的图片。", en="This file is not a picture that the browser reads."
    ),
    "inert": Text(
        zh="扫到的是别的内容，不是产品码。请找包装上印的产品码。",
        en="It is something else. Look for the product code that is printed on the package.",
    ),
    "unexpected": Text(zh="本页出错了。请刷新后再试。", en="This page made a mistake. Reload it and try again."),
    "failed": Text(
        zh="手机没能核对：需要 https、近几年的浏览器，以及网络。",
        en="Your phone could not check: it takes https, a browser of recent years, and a network.",
    ),
    "offline_missing": Text(
        zh="现在没有网络，手机里也没有核对这个码所需的资料。联网后再查。",
        en="There is no network, and this phone does not hold what this code needs. Check it again online.",
    ),
    "alarm.open": Text(
        zh="请联网打开完整结果，保存两份签名。", en="Open the whole result when online, and save the signed notes."
    ),
    "note.recalled": Text(
        zh="请停止使用。召回办法见完整结果。", en="Stop using it. The whole result tells the remedy."
    ),
    "again": Text(zh="这个码已在清单里", en="This code is in the list already"),
    "from_phone": Text(
        zh="离线核对，用的是手机里保存的资料；这个码被查过多少次，联网才知道",
        en="Checked offline, with what this phone keeps. How often the code was checked, only the network can tell",
    ),
    "item": Text(zh="GTIN {gtin} · 序列号 {serial}", en="GTIN {gtin} · serial {serial}"),
    "no_date": Text(zh="召回状态未知", en="Recall status unknown"),
    "total": Text(zh="共 {count} 个码", en="Codes: {count}"),
    "seen": Text(zh="扫了 {count} 次", en="seen {count} times"),
    "as_of_row": Text(zh="召回信息截至 {when}", en="Recalls as of {when}"),
    "short.malformed": Text(zh="不是产品码", en="no code"),
    "short.counterfeit": Text(zh="伪造", en="forged"),
    "short.void": Text(zh="作废", en="void"),
    "short.recalled": Text(zh="召回", en="recalled"),
    "short.not_logged": Text(zh="未登记", en="not logged"),
    "short.suspect": Text(zh="可能被复制", en="maybe copied"),
    "short.cannot_tell": Text(zh="无法判断", en="cannot tell"),
    "short.genuine": Text(zh="真实有效", en="genuine"),
    "pack.taking": Text(zh="正在存入批次 {lot}：{percent}%", en="Taking batch {lot} along: {percent}%"),
    "pack.offer": Text(
        zh="把批次 {lot} 存到本机（{count} 个码，约 {size} MB）",
        en="Take batch {lot} along ({count} codes, about {size} MB)",
    ),
    "pack.incomplete": Text(
        zh="批次 {lot} 的资料还没有全部上传，离线时查不了。",
        en="The maker has not uploaded all of batch {lot}: it cannot be checked offline.",
    ),
    "pack.failed": Text(
        zh="批次 {lot} 没有存下来，离线时查不了。刷新本页可再试。",
        en="Batch {lot} could not be kept: it cannot be checked offline. Reload this page to try again.",
    ),
    "clear.confirm": Text(
        zh="清空清单里的 {count} 个码？没有导出的内容将无法找回。",
        en="Clear all {count} codes from the list? What was not exported is gone for good.",
    ),
}
