import { byWish, wantsInConfig } from '../../families/unit-files.ts';

/**
 * `systemctl --user enable`: makes the link by which default.target wants the unit; it points to the file to which the unit's
 * path leads, and replaces a link to another file (facts.md F16, F31). Something that is not a link stays, and the command
 * fails. If the unit's own link leads out of the search path, a link to that file is first made where verbs write: it then
 * shadows a unit that NixOS installed in /etc (systemd's install_info_symlink_link; seen on 257).
 */
export default byWish({ verb: 'enable', says: 'enable', pathIn: wantsInConfig });
