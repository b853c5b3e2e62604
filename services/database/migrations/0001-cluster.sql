-- Tables and columns that the vendor's data dictionary has carry its names; what is ours begins with rl_.
-- Its conventions hold: pkid is a lower-case UUID, fk… names a pkid, tk… an enum of a type… table, flags are 't' and 'f',
-- times are seconds since the epoch. Names that people type compare without regard to case.

CREATE TABLE typeclass (enum INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO typeclass (enum, name) VALUES (1, 'Phone'), (18, 'Trunk'), (254, 'Device Profile');

-- Models that the public documents give no number for are numbered by us, from 1000000.
CREATE TABLE typemodel (enum INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO typemodel (enum, name) VALUES (621, 'Cisco 7821'), (30016, 'Cisco IP Communicator');

CREATE TABLE typepatternusage (enum INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO typepatternusage (enum, name) VALUES (2, 'Device'), (3, 'Translation'), (5, 'Route');

CREATE TABLE devicepool (pkid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO devicepool (pkid, name) VALUES ('1b1b9eb6-7803-11d3-bdf0-00108302ead1', 'Default');

CREATE TABLE routepartition (pkid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE callingsearchspace (pkid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE callingsearchspacemember (
  pkid TEXT PRIMARY KEY,
  fkcallingsearchspace TEXT NOT NULL REFERENCES callingsearchspace ON DELETE CASCADE,
  fkroutepartition TEXT NOT NULL REFERENCES routepartition,
  sortorder INTEGER NOT NULL,
  UNIQUE (fkcallingsearchspace, sortorder),
  UNIQUE (fkcallingsearchspace, fkroutepartition)
) STRICT;

CREATE TABLE enduser (
  pkid TEXT PRIMARY KEY,
  userid TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (userid <> ''),
  firstname TEXT NOT NULL DEFAULT '',
  lastname TEXT NOT NULL,
  displayname TEXT NOT NULL DEFAULT '',
  islocaluser TEXT NOT NULL DEFAULT 't' CHECK (islocaluser IN ('t', 'f')),
  keypadenteredalternateidentifier TEXT CHECK (keypadenteredalternateidentifier <> '')
) STRICT;
CREATE UNIQUE INDEX enduser_selfservice ON enduser (keypadenteredalternateidentifier);

-- Phones, trunks and user device profiles.
CREATE TABLE device (
  pkid TEXT PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
  description TEXT NOT NULL DEFAULT '',
  tkclass INTEGER NOT NULL REFERENCES typeclass,
  tkmodel INTEGER REFERENCES typemodel,
  tkdeviceprofile INTEGER,
  fkdevicepool TEXT REFERENCES devicepool,
  fkcallingsearchspace TEXT REFERENCES callingsearchspace,
  fkenduser TEXT REFERENCES enduser ON DELETE SET NULL,
  allowhotelingflag TEXT NOT NULL DEFAULT 'f' CHECK (allowhotelingflag IN ('t', 'f')),
  rl_answermode TEXT,
  rl_remotecluster TEXT,
  rl_url TEXT
) STRICT;
CREATE INDEX device_class ON device (tkclass, name);
CREATE INDEX device_owner ON device (fkenduser);

-- One row per phone with Extension Mobility enabled, also while nobody is logged in; its pkid is the phone's.
-- Two columns refer without REFERENCES: the indexes that this needs would double the cost of a login. Who removes a user or a
-- profile clears them (repositories/end-logins.ts).
CREATE TABLE extensionmobilitydynamic (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL UNIQUE REFERENCES device ON DELETE CASCADE CHECK (fkdevice = pkid),
  fkenduser TEXT REFERENCES enduser,
  fkenduser_lastlogin TEXT,
  fkdevice_currentloginprofile TEXT,
  logintime INTEGER,
  loginduration INTEGER,
  datetimestamp INTEGER NOT NULL,
  rl_logintimems INTEGER,
  CHECK ((fkenduser IS NULL) = (fkdevice_currentloginprofile IS NULL)),
  CHECK ((fkenduser IS NULL) = (logintime IS NULL)),
  CHECK ((fkenduser IS NULL) = (rl_logintimems IS NULL))
) STRICT;
CREATE INDEX extensionmobilitydynamic_enduser ON extensionmobilitydynamic (fkenduser);

-- tkuserassociation 1: a phone the user controls, 5: a user device profile the user controls.
CREATE TABLE enduserdevicemap (
  pkid TEXT PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser ON DELETE CASCADE,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  tkuserassociation INTEGER NOT NULL,
  defaultprofile TEXT NOT NULL DEFAULT 'f' CHECK (defaultprofile IN ('t', 'f')),
  rl_sortorder INTEGER NOT NULL,
  UNIQUE (fkenduser, fkdevice, tkuserassociation)
) STRICT;
CREATE INDEX enduserdevicemap_device ON enduserdevicemap (fkdevice);

-- Directory numbers (usage 2) and route patterns (usage 5).
CREATE TABLE numplan (
  pkid TEXT PRIMARY KEY,
  dnorpattern TEXT NOT NULL CHECK (dnorpattern <> ''),
  fkroutepartition TEXT REFERENCES routepartition,
  description TEXT NOT NULL DEFAULT '',
  tkpatternusage INTEGER NOT NULL REFERENCES typepatternusage,
  fkcallingsearchspace_sharedlineappear TEXT REFERENCES callingsearchspace
) STRICT;
CREATE UNIQUE INDEX numplan_pattern ON numplan (dnorpattern, ifnull(fkroutepartition, ''));
CREATE INDEX numplan_usage ON numplan (tkpatternusage, dnorpattern);

CREATE TABLE devicenumplanmap (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  fknumplan TEXT NOT NULL REFERENCES numplan ON DELETE CASCADE,
  numplanindex INTEGER NOT NULL CHECK (numplanindex >= 1),
  label TEXT NOT NULL DEFAULT '',
  display TEXT NOT NULL DEFAULT '',
  maxnumcalls INTEGER CHECK (maxnumcalls >= 1),
  busytrigger INTEGER CHECK (busytrigger >= 1),
  UNIQUE (fkdevice, numplanindex),
  UNIQUE (fkdevice, fknumplan)
) STRICT;
CREATE INDEX devicenumplanmap_numplan ON devicenumplanmap (fknumplan);

-- tkdnusage 1: the user's primary extension.
CREATE TABLE endusernumplanmap (
  pkid TEXT PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser ON DELETE CASCADE,
  fknumplan TEXT NOT NULL REFERENCES numplan ON DELETE CASCADE,
  tkdnusage INTEGER NOT NULL,
  UNIQUE (fkenduser, tkdnusage)
) STRICT;
CREATE INDEX endusernumplanmap_numplan ON endusernumplanmap (fknumplan);

CREATE TABLE telecasterservice (
  pkid TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  urltemplate TEXT NOT NULL,
  secureurltemplate TEXT NOT NULL DEFAULT '',
  enabled TEXT NOT NULL CHECK (enabled IN ('t', 'f'))
) STRICT;

CREATE TABLE telecastersubscribedservice (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  fktelecasterservice TEXT NOT NULL REFERENCES telecasterservice ON DELETE CASCADE,
  servicename TEXT NOT NULL,
  serviceurl TEXT NOT NULL,
  rl_sortorder INTEGER NOT NULL,
  UNIQUE (fkdevice, fktelecasterservice)
) STRICT;
CREATE INDEX telecastersubscribedservice_service ON telecastersubscribedservice (fktelecasterservice);

-- Access control groups, roles and application users.
CREATE TABLE dirgroup (
  pkid TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  isstandard TEXT NOT NULL DEFAULT 'f' CHECK (isstandard IN ('t', 'f'))
) STRICT;

CREATE TABLE functionrole (pkid TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE functionroledirgroupmap (
  pkid TEXT PRIMARY KEY,
  fkfunctionrole TEXT NOT NULL REFERENCES functionrole ON DELETE CASCADE,
  fkdirgroup TEXT NOT NULL REFERENCES dirgroup ON DELETE CASCADE,
  UNIQUE (fkdirgroup, fkfunctionrole)
) STRICT;

CREATE TABLE enduserdirgroupmap (
  pkid TEXT PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser ON DELETE CASCADE,
  fkdirgroup TEXT NOT NULL REFERENCES dirgroup ON DELETE CASCADE,
  UNIQUE (fkenduser, fkdirgroup)
) STRICT;
CREATE INDEX enduserdirgroupmap_dirgroup ON enduserdirgroupmap (fkdirgroup);

CREATE TABLE applicationuser (pkid TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> '')) STRICT;

CREATE TABLE applicationuserdirgroupmap (
  pkid TEXT PRIMARY KEY,
  fkapplicationuser TEXT NOT NULL REFERENCES applicationuser ON DELETE CASCADE,
  fkdirgroup TEXT NOT NULL REFERENCES dirgroup ON DELETE CASCADE,
  UNIQUE (fkapplicationuser, fkdirgroup)
) STRICT;

-- tkcredential 3: password, 4: PIN. The vendor's own column for the secret is left out: ours is a PHC string, keyed with a
-- pepper that is in no database.
CREATE TABLE credential (
  pkid TEXT PRIMARY KEY,
  fkenduser TEXT REFERENCES enduser ON DELETE CASCADE,
  fkapplicationuser TEXT REFERENCES applicationuser ON DELETE CASCADE,
  tkcredential INTEGER NOT NULL CHECK (tkcredential IN (3, 4)),
  rl_hash TEXT NOT NULL,
  rl_changedatms INTEGER NOT NULL,
  UNIQUE (fkenduser, tkcredential),
  UNIQUE (fkapplicationuser, tkcredential),
  CHECK ((fkenduser IS NULL) <> (fkapplicationuser IS NULL))
) STRICT;

-- Service parameters that are not at their default. The vendor numbers services (tkservice); we name them.
CREATE TABLE processconfig (
  pkid TEXT PRIMARY KEY,
  rl_service TEXT NOT NULL,
  paramname TEXT NOT NULL,
  paramvalue TEXT NOT NULL,
  UNIQUE (rl_service, paramname)
) STRICT;

CREATE TABLE rl_serviceactivation (
  title TEXT PRIMARY KEY,
  active TEXT NOT NULL CHECK (active IN ('t', 'f'))
) STRICT, WITHOUT ROWID;

-- Facts about this file: `seeded` once the configured seed is in it.
CREATE TABLE rl_property (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
