-- The registry. The grain is the table; derived values are computed, never stored.

create table registry (
    name varchar not null,
    synthetic boolean not null,
    region_convention varchar not null check (region_convention in ('junction', 'split')),
    schema_version integer not null,
    version varchar not null,
    data_date date not null,
    created_at timestamp not null
);

create table levels (
    level varchar primary key,
    position integer not null,
    region varchar not null check (region in ('thoracic', 'thoracolumbar', 'lumbar'))
);

create table patients (
    patient_id varchar primary key,
    sex varchar check (sex in ('F', 'M')),
    birth_year integer,
    primary_tumour varchar,
    tumour_text varchar,
    died_on varchar,
    died boolean,
    last_seen_on date
);

create table procedures (
    procedure_id varchar primary key,
    patient_id varchar not null,
    operated_on date not null,
    level varchar not null,
    approach varchar,
    cement_ml double,
    leak boolean,
    leak_symptomatic boolean,
    leak_modality varchar,
    surgeon varchar,
    centre varchar
);

create table leaks (
    procedure_id varchar not null,
    location varchar not null,
    route varchar
);

create table follow_ups (
    patient_id varchar not null,
    visit varchar not null,
    measure varchar not null,
    value double not null,
    measured_on date
);

create table items (
    patient_id varchar not null,
    visit varchar not null,
    measure varchar not null,
    item integer not null,
    value integer not null
);

create table radiographs (
    procedure_id varchar not null,
    visit varchar not null,
    measure varchar not null,
    reader varchar,
    value double not null,
    measured_on date,
    posture varchar,
    calibrated boolean
);

create table events (
    patient_id varchar not null,
    procedure_id varchar,
    kind varchar not null,
    occurred_on date
);

create table imports (
    import_id integer primary key,
    source_name varchar not null,
    sha256 varchar not null,
    imported_at timestamp not null,
    rows_read integer not null,
    rows_kept integer not null,
    rows_held_back integer not null,
    mapping varchar
);

create table import_rows (
    import_id integer not null,
    "table" varchar not null,
    rows_read integer not null,
    rows_kept integer not null,
    rows_held_back integer not null
);

create table findings (
    import_id integer not null,
    "table" varchar not null,
    "row" integer,
    "column" varchar,
    rule varchar not null,
    severity varchar not null,
    value varchar,
    advice varchar not null,
    target varchar,
    field varchar
);
