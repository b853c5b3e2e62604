-- Global Dial Plan Replication: what a cluster tells others of its own numbers, and how it reaches theirs.

-- Predefined partitions for what is learned. An administrator's own partition of that name is used as it is.
INSERT OR IGNORE INTO routepartition (pkid, name, description) VALUES
  ('5d0f7a52-9f3b-4c41-8e0b-2f8f2c1b7a01', 'Global Learned Enterprise Numbers', 'Enterprise alternate numbers learned by ILS'),
  ('5d0f7a52-9f3b-4c41-8e0b-2f8f2c1b7a02', 'Global Learned E.164 Numbers', '+E.164 alternate numbers learned by ILS'),
  ('5d0f7a52-9f3b-4c41-8e0b-2f8f2c1b7a03', 'Global Learned Enterprise Patterns', 'Enterprise patterns learned by ILS'),
  ('5d0f7a52-9f3b-4c41-8e0b-2f8f2c1b7a04', 'Global Learned E.164 Patterns', '+E.164 patterns learned by ILS');

CREATE TABLE rl_learnedpartition (
  kind TEXT PRIMARY KEY CHECK (kind IN ('enterpriseNumbers', 'e164Numbers', 'enterprisePatterns', 'e164Patterns')),
  fkroutepartition TEXT NOT NULL REFERENCES routepartition
) STRICT, WITHOUT ROWID;
INSERT INTO rl_learnedpartition (kind, fkroutepartition) SELECT CASE name
    WHEN 'Global Learned Enterprise Numbers' THEN 'enterpriseNumbers'
    WHEN 'Global Learned E.164 Numbers' THEN 'e164Numbers'
    WHEN 'Global Learned Enterprise Patterns' THEN 'enterprisePatterns'
    WHEN 'Global Learned E.164 Patterns' THEN 'e164Patterns'
  END AS kind, pkid FROM routepartition WHERE kind IS NOT NULL;

-- AAR Calling Search Space of a phone: its calls leave through it when the way to a learned destination fails.
ALTER TABLE device ADD COLUMN fkcallingsearchspace_aar TEXT REFERENCES callingsearchspace;

-- Which number of a directory number others dial over the PSTN when the way to this cluster fails.
ALTER TABLE numplan ADD COLUMN rl_advertisedfailover TEXT NOT NULL DEFAULT 'None'
  CHECK (rl_advertisedfailover IN ('None', 'Enterprise Alternate Number', '+E.164 Alternate Number'));

-- rl_addlocal 't': dialled here too, in the partition (NULL is <None>); 'f': only others dial it.
CREATE TABLE rl_alternatenumber (
  fknumplan TEXT NOT NULL REFERENCES numplan ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'e164')),
  mask TEXT NOT NULL CHECK (mask <> ''),
  number TEXT NOT NULL CHECK (number <> ''),
  addlocal TEXT NOT NULL CHECK (addlocal IN ('t', 'f')),
  fkroutepartition TEXT REFERENCES routepartition,
  advertise TEXT NOT NULL CHECK (advertise IN ('t', 'f')),
  PRIMARY KEY (fknumplan, kind),
  CHECK (addlocal = 't' OR fkroutepartition IS NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rl_alternatenumber_number ON rl_alternatenumber (number, addlocal, ifnull(fkroutepartition, ''));

-- Lower case; sortorder 1 is the primary one.
CREATE TABLE rl_directoryuri (
  fknumplan TEXT NOT NULL REFERENCES numplan ON DELETE CASCADE,
  sortorder INTEGER NOT NULL CHECK (sortorder BETWEEN 1 AND 5),
  uri TEXT NOT NULL CHECK (uri <> ''),
  fkroutepartition TEXT REFERENCES routepartition,
  advertise TEXT NOT NULL CHECK (advertise IN ('t', 'f')),
  PRIMARY KEY (fknumplan, sortorder)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rl_directoryuri_uri ON rl_directoryuri (uri, ifnull(fkroutepartition, ''));

-- Digits are stripped and prepended only where failover says so.
CREATE TABLE rl_advertisedpattern (
  pattern TEXT PRIMARY KEY CHECK (pattern <> ''),
  description TEXT NOT NULL DEFAULT '',
  type TEXT NOT NULL CHECK (type IN ('Enterprise Number Pattern', 'E.164 Number Pattern')),
  failover TEXT NOT NULL
    CHECK (failover IN ('Don''t Use PSTN Failover', 'Use Pattern as PSTN Failover', 'Strip Digits and Prepend Digits')),
  stripdigits INTEGER NOT NULL DEFAULT 0 CHECK (stripdigits BETWEEN 0 AND 64),
  prependdigits TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- The entries of one import. Those that no catalog names do not count: they are still coming in, or left over.
CREATE TABLE rl_catalogcontent (id INTEGER PRIMARY KEY) STRICT;

-- Never numbered alike: an import that outlives its catalog is not for the next one of that name.
CREATE TABLE rl_catalog (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
  description TEXT NOT NULL DEFAULT '',
  routestring TEXT NOT NULL CHECK (routestring <> ''),
  content INTEGER NOT NULL UNIQUE REFERENCES rl_catalogcontent,
  entries INTEGER NOT NULL DEFAULT 0
) STRICT;

-- There may be a million: type counts from 1 as CatalogEntryType does. Of a number or URI failover is what to dial. Of a pattern
-- stripdigits is NULL where there is no failover, -1 where the pattern itself is dialled, and failover is what is prepended.
CREATE TABLE rl_catalogentry (
  content INTEGER NOT NULL REFERENCES rl_catalogcontent,
  type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 5),
  pattern TEXT NOT NULL CHECK (pattern <> ''),
  failover TEXT NOT NULL DEFAULT '',
  stripdigits INTEGER CHECK (stripdigits BETWEEN -1 AND 64),
  PRIMARY KEY (content, type, pattern)
) STRICT, WITHOUT ROWID;

CREATE TABLE rl_blockedlearnedpattern (
  pkid TEXT PRIMARY KEY,
  description TEXT NOT NULL DEFAULT '',
  pattern TEXT NOT NULL DEFAULT '',
  prefix TEXT NOT NULL DEFAULT '',
  clusterid TEXT NOT NULL DEFAULT '',
  patterntype TEXT NOT NULL DEFAULT 'Any' CHECK (patterntype IN ('Any', 'Enterprise Pattern', '+E.164 Pattern')),
  CHECK (pattern <> '' OR prefix <> '' OR clusterid <> ''),
  UNIQUE (pattern, prefix, clusterid, patterntype)
) STRICT;

CREATE TABLE rl_siproutepattern (
  pkid TEXT PRIMARY KEY,
  pattern TEXT NOT NULL CHECK (pattern <> ''),
  fkroutepartition TEXT REFERENCES routepartition,
  fkdevice TEXT NOT NULL REFERENCES device
) STRICT;
CREATE UNIQUE INDEX rl_siproutepattern_pattern ON rl_siproutepattern (pattern, ifnull(fkroutepartition, ''));
CREATE INDEX rl_siproutepattern_device ON rl_siproutepattern (fkdevice);
