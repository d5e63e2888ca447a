// apt, turned to a newer Debian release with sources, lists and caches of its own, so that the
// system's apt neither sees that release nor installs anything from it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { outputOf, run } from './command.mjs';
import { Failure } from './failure.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The mirror from which this system's apt takes `release`, so that we ask no other host. */
function mirrorOf(release) {
  const format = '$(RELEASE) $(COMPONENT) $(REPO_URI)';
  const targets = outputOf('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const main = targets?.split('\n').find((line) => line.startsWith(`${release} main `));
  if (!main) {
    throw new Failure(`The apt sources of this system name no mirror of Debian ${release} main.`);
  }
  return main.split(' ')[2];
}

/**
 * Downloads packages of `release` from the mirror of `systemRelease` into `folder`/packages; apt
 * checks their signatures and hashes. A second call keeps what is already there.
 */
export async function downloadDebianPackages({ release, systemRelease, names, folder }) {
  const sources = path.join(folder, 'apt.sources');
  const none = path.join(folder, 'none');
  const packages = path.join(folder, 'packages');
  for (const each of ['lists/partial', 'archives/partial', 'none', 'packages']) {
    mkdirSync(path.join(folder, each), { recursive: true });
  }
  writeFileSync(
    sources,
    ['Types: deb', `URIs: ${mirrorOf(systemRelease)}`, `Suites: ${release}`, 'Components: main']
      .concat(`Signed-By: ${keyring}`, '')
      .join('\n'),
  );
  writeFileSync(path.join(folder, 'status'), ''); // no package is installed here
  const settings = {
    'Dir::State': folder,
    'Dir::State::lists': path.join(folder, 'lists'),
    'Dir::State::status': path.join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': none,
    'Dir::Etc::preferences': path.join(none, 'preferences'),
    'Dir::Etc::preferencesparts': none,
    // Root's apt would read and write as another user, who may not see into this folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  const apt = (args, sentence) =>
    run(
      'apt-get',
      [
        '-q',
        ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
        ...args,
      ],
      { cwd: packages, sentence },
    );
  // Without this, apt calls an unreachable mirror a warning, and we would fail later and obscurely.
  await apt(
    ['-o', 'APT::Update::Error-Mode=any', 'update'],
    `The package lists of Debian ${release} could not be fetched: apt says why above.`,
  );
  await apt(
    ['download', ...names],
    `Packages of Debian ${release} could not be fetched: apt says why above.`,
  );
  return packages;
}
