import { brokenCommand, probeCommand, versionLabel } from '../../probe-image.ts';
import { versions } from '../machine/settings.ts';

/**
 * Run once in a fresh root, as the operator: builds the probe image in every version, and one that ends at once, and pushes
 * them to the machine's registry.
 */
export const bakeScript = `set -eu
mkdir -p ~/image/bin
cp /bin/busybox ~/image/bin/
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox ~/image/bin/"$applet"; done
cd ~/image
for version in ${versions.join(' ')}; do
  cat > Containerfile <<END
FROM scratch
COPY bin /bin
LABEL ${versionLabel}=$version
CMD ["/bin/sh", "-c", "${probeCommand('$version').replace('$!', '\\$!')}"]
END
  podman build -q -t localhost:5000/probe:$version .
  podman push -q localhost:5000/probe:$version
done
podman build -q -t localhost:5000/probe:broken -f - . <<END
FROM scratch
COPY bin /bin
LABEL ${versionLabel}=broken
CMD ["/bin/sh", "-c", "${brokenCommand}"]
END
podman push -q localhost:5000/probe:broken
podman push -q localhost:5000/probe:${versions[0]} localhost:5000/probe:stable
curl -sf http://localhost:5000/v2/probe/tags/list
`;
