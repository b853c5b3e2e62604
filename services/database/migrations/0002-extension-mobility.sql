-- Everything that Extension Mobility reads: settings and buttons of phones and profiles, log out profiles, users' locales and
-- maximum login times, call forwarding, phone services in full, and what a credential policy needs.

-- Of a default device profile there is one per model; it is a row of device like every profile (the name is made from the model).
INSERT INTO typeclass (enum, name) VALUES (1000000, 'Default Device Profile');

-- Settings of phones, profiles and default profiles. The vendor keeps most of them as numbers of its own type… tables, which no
-- public document lists, so ours are the texts of the configuration pages (device-settings.ts). '' is <None>.
ALTER TABLE device ADD COLUMN rl_protocol TEXT NOT NULL DEFAULT 'SIP' CHECK (rl_protocol IN ('SIP', 'SCCP'));
ALTER TABLE device ADD COLUMN rl_privacy TEXT NOT NULL DEFAULT 'Default' CHECK (rl_privacy IN ('Default', 'Off', 'On'));
ALTER TABLE device ADD COLUMN rl_singlebuttonbarge TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_singlebuttonbarge IN ('Default', 'Off', 'Barge'));
ALTER TABLE device ADD COLUMN rl_joinacrosslines TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_joinacrosslines IN ('Default', 'Off', 'On'));
ALTER TABLE device ADD COLUMN rl_alwaysuseprimeline TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_alwaysuseprimeline IN ('Default', 'Off', 'On'));
ALTER TABLE device ADD COLUMN rl_alwaysuseprimelineforvm TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_alwaysuseprimelineforvm IN ('Default', 'Off', 'On'));
ALTER TABLE device ADD COLUMN rl_dndoption TEXT NOT NULL DEFAULT 'Use Common Phone Profile Setting'
  CHECK (rl_dndoption IN ('Use Common Phone Profile Setting', 'Call Reject', 'Ringer Off'));
ALTER TABLE device ADD COLUMN rl_dndincomingcallalert TEXT NOT NULL DEFAULT 'None'
  CHECK (rl_dndincomingcallalert IN ('None', 'Disable', 'Beep Only', 'Flash Only'));
ALTER TABLE device ADD COLUMN rl_mlppindication TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_mlppindication IN ('Default', 'Off', 'On'));
ALTER TABLE device ADD COLUMN rl_mlpppreemption TEXT NOT NULL DEFAULT 'Default'
  CHECK (rl_mlpppreemption IN ('Default', 'Disabled', 'Forceful'));
ALTER TABLE device ADD COLUMN rl_userholdmohaudiosource TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_userlocale TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_phonebuttontemplate TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_softkeytemplate TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_ignorepresentationindicators TEXT NOT NULL DEFAULT 'f'
  CHECK (rl_ignorepresentationindicators IN ('t', 'f'));
ALTER TABLE device ADD COLUMN rl_donotdisturb TEXT NOT NULL DEFAULT 'f' CHECK (rl_donotdisturb IN ('t', 'f'));
ALTER TABLE device ADD COLUMN rl_fkcallingsearchspace_emcc TEXT REFERENCES callingsearchspace;
ALTER TABLE device ADD COLUMN rl_module1 TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_module2 TEXT NOT NULL DEFAULT '' CHECK (rl_module2 = '' OR rl_module1 <> '');
ALTER TABLE device ADD COLUMN rl_mlppdomain TEXT NOT NULL DEFAULT '';

-- Phones alone.
ALTER TABLE device ADD COLUMN rl_fkdevice_logoutprofile TEXT REFERENCES device ON DELETE SET NULL;
ALTER TABLE device ADD COLUMN rl_addressingmode TEXT NOT NULL DEFAULT 'IPv4 Only'
  CHECK (rl_addressingmode IN ('IPv4 Only', 'IPv6 Only', 'IPv4 and IPv6'));
ALTER TABLE device ADD COLUMN rl_ipaddress TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN rl_securitymode TEXT NOT NULL DEFAULT 'Non Secure'
  CHECK (rl_securitymode IN ('Non Secure', 'Authenticated', 'Encrypted'));
ALTER TABLE device ADD COLUMN rl_protecteddevice TEXT NOT NULL DEFAULT 'f' CHECK (rl_protecteddevice IN ('t', 'f'));
CREATE INDEX device_logoutprofile ON device (rl_fkdevice_logoutprofile);

-- User device profiles alone.
ALTER TABLE device ADD COLUMN rl_fkenduser_login TEXT REFERENCES enduser ON DELETE SET NULL;
CREATE INDEX device_loginuser ON device (rl_fkenduser_login);

-- Seconds since the epoch, a hyphen, a UUID. A login or logout writes the one of extensionmobilitydynamic, whose row it changes
-- anyway; where that is NULL, the phone's own counts.
ALTER TABLE device ADD COLUMN versionstamp TEXT NOT NULL DEFAULT '';
ALTER TABLE extensionmobilitydynamic ADD COLUMN versionstamp TEXT;
UPDATE device SET versionstamp = strftime('%s', 'now') || '-' || lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
  substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) WHERE tkclass = 1;

CREATE TABLE speeddial (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  label TEXT NOT NULL DEFAULT '',
  rl_index INTEGER NOT NULL CHECK (rl_index >= 1),
  rl_number TEXT NOT NULL CHECK (rl_number <> ''),
  UNIQUE (fkdevice, rl_index)
) STRICT;

CREATE TABLE blfspeeddial (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  label TEXT NOT NULL DEFAULT '',
  rl_index INTEGER NOT NULL CHECK (rl_index >= 1),
  rl_number TEXT NOT NULL CHECK (rl_number <> ''),
  UNIQUE (fkdevice, rl_index)
) STRICT;

CREATE TABLE rl_intercomline (
  pkid TEXT PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
  sortorder INTEGER NOT NULL,
  dn TEXT NOT NULL CHECK (dn <> ''),
  fkroutepartition TEXT REFERENCES routepartition,
  label TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT '',
  fkdevice_default TEXT REFERENCES device ON DELETE SET NULL,
  UNIQUE (fkdevice, sortorder)
) STRICT;
CREATE INDEX rl_intercomline_default ON rl_intercomline (fkdevice_default);

-- The auto device profile of a phone whose configuration it does not follow any more; without a row the two are the same.
-- Only ever read and written whole, so its settings, services and buttons are one document.
CREATE TABLE rl_autodeviceprofile (
  fkdevice TEXT PRIMARY KEY REFERENCES device ON DELETE CASCADE,
  configuration TEXT NOT NULL CHECK (json_valid(configuration)),
  -- 't' once a logout has brought the phone back to it.
  inforce TEXT NOT NULL DEFAULT 'f' CHECK (inforce IN ('t', 'f'))
) STRICT, WITHOUT ROWID;

-- A row per number that has something to say.
CREATE TABLE callforwarddynamic (
  pkid TEXT PRIMARY KEY,
  fknumplan TEXT NOT NULL UNIQUE REFERENCES numplan ON DELETE CASCADE,
  cfadestination TEXT NOT NULL DEFAULT '',
  rl_fkcallingsearchspace_cfa TEXT REFERENCES callingsearchspace
) STRICT;

CREATE TABLE rl_userprofile (
  pkid TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  maysetmaximumlogintime TEXT NOT NULL DEFAULT 'f' CHECK (maysetmaximumlogintime IN ('t', 'f'))
) STRICT;

ALTER TABLE enduser ADD COLUMN rl_userlocale TEXT NOT NULL DEFAULT '';
ALTER TABLE enduser ADD COLUMN rl_fkuserprofile TEXT REFERENCES rl_userprofile ON DELETE SET NULL;
ALTER TABLE enduser ADD COLUMN rl_maximumlogintime TEXT NOT NULL DEFAULT '';
CREATE INDEX enduser_userprofile ON enduser (rl_fkuserprofile);

ALTER TABLE telecasterservice ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE telecasterservice ADD COLUMN vendor TEXT NOT NULL DEFAULT '';
ALTER TABLE telecasterservice ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE telecasterservice ADD COLUMN enterprisesubscription TEXT NOT NULL DEFAULT 'f'
  CHECK (enterprisesubscription IN ('t', 'f'));
ALTER TABLE telecasterservice ADD COLUMN rl_category TEXT NOT NULL DEFAULT 'XML Service'
  CHECK (rl_category IN ('XML Service', 'Java MIDlet'));
ALTER TABLE telecasterservice ADD COLUMN rl_type TEXT NOT NULL DEFAULT 'Services'
  CHECK (rl_type IN ('Services', 'Directories', 'Messages'));

-- What is known of a credential beside its hash; rl_lockeduntilms -1: until an administrator unlocks.
ALTER TABLE credential ADD COLUMN rl_mustchange TEXT NOT NULL DEFAULT 'f' CHECK (rl_mustchange IN ('t', 'f'));
ALTER TABLE credential ADD COLUMN rl_doesnotexpire TEXT NOT NULL DEFAULT 'f' CHECK (rl_doesnotexpire IN ('t', 'f'));
ALTER TABLE credential ADD COLUMN rl_cannotchange TEXT NOT NULL DEFAULT 'f' CHECK (rl_cannotchange IN ('t', 'f'));
ALTER TABLE credential ADD COLUMN rl_failures INTEGER NOT NULL DEFAULT 0 CHECK (rl_failures >= 0);
ALTER TABLE credential ADD COLUMN rl_lastfailureatms INTEGER NOT NULL DEFAULT 0 CHECK (rl_lastfailureatms >= 0);
ALTER TABLE credential ADD COLUMN rl_lockeduntilms INTEGER NOT NULL DEFAULT 0 CHECK (rl_lockeduntilms >= -1);
-- Hashes of earlier ones, newest first.
ALTER TABLE credential ADD COLUMN rl_history TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(rl_history));

CREATE TABLE credentialpolicy (
  pkid TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  rl_failedlogonattempts INTEGER NOT NULL CHECK (rl_failedlogonattempts BETWEEN 0 AND 100),
  rl_resetfailedlogonattemptsminutes INTEGER NOT NULL CHECK (rl_resetfailedlogonattemptsminutes BETWEEN 1 AND 1440),
  rl_lockoutminutes INTEGER NOT NULL CHECK (rl_lockoutminutes BETWEEN 0 AND 1440),
  rl_minimumlength INTEGER NOT NULL CHECK (rl_minimumlength BETWEEN 1 AND 64),
  rl_storedhistory INTEGER NOT NULL CHECK (rl_storedhistory BETWEEN 0 AND 25),
  rl_checkfortrivial TEXT NOT NULL CHECK (rl_checkfortrivial IN ('t', 'f')),
  rl_expiresafterdays INTEGER NOT NULL CHECK (rl_expiresafterdays BETWEEN 0 AND 365)
) STRICT;
-- Every value is ours; a five-digit PIN cannot be guessed in a year at five attempts in half an hour.
INSERT INTO credentialpolicy VALUES ('8b6a3a4c-2f0e-4d0a-9a55-7c2b0f6b1d11', 'Default Credential Policy', 5, 30, 30, 5, 12, 't', 0);
