BEGIN TRANSACTION;
CREATE TABLE se_bench_architectures (
	architecture_id TEXT NOT NULL, 
	spec JSON NOT NULL, 
	params BIGINT NOT NULL, 
	block_params BIGINT NOT NULL, 
	buffers BIGINT NOT NULL, 
	macs BIGINT NOT NULL, 
	elementwise BIGINT NOT NULL, 
	activations BIGINT NOT NULL, 
	memory_bytes BIGINT NOT NULL, 
	CONSTRAINT pk_se_bench_architectures PRIMARY KEY (architecture_id)
);
INSERT INTO "se_bench_architectures" VALUES('arch-00000','{"widths": [16, 32], "block": {"reduction": 0}}',10,0,7,4000000000000,1099511627776,12,96);
CREATE TABLE se_bench_candidates (
	study TEXT NOT NULL, 
	architecture_id TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	label TEXT NOT NULL, 
	axes JSON NOT NULL, 
	is_baseline BOOLEAN NOT NULL, 
	CONSTRAINT pk_se_bench_candidates PRIMARY KEY (study, architecture_id), 
	CONSTRAINT fk_se_bench_candidates_study_se_bench_studies FOREIGN KEY(study) REFERENCES se_bench_studies (name), 
	CONSTRAINT fk_se_bench_candidates_architecture_id_se_bench_architectures FOREIGN KEY(architecture_id) REFERENCES se_bench_architectures (architecture_id)
);
INSERT INTO "se_bench_candidates" VALUES('width','arch-00000',0,'baseline','{"reduction": 0, "gate": "sigmoid", "places": [1, 2], "\u00e9": null}',1);
CREATE TABLE se_bench_epochs (
	trial_id TEXT NOT NULL, 
	epoch BIGINT NOT NULL, 
	train_loss DOUBLE, 
	train_accuracy DOUBLE, 
	test_loss DOUBLE, 
	test_accuracy DOUBLE, 
	train_seconds DOUBLE NOT NULL, 
	test_seconds DOUBLE NOT NULL, 
	gradient_norms JSON NOT NULL, validation_loss DOUBLE, validation_accuracy DOUBLE, 
	CONSTRAINT pk_se_bench_epochs PRIMARY KEY (trial_id, epoch), 
	CONSTRAINT fk_se_bench_epochs_trial_id_se_bench_trials FOREIGN KEY(trial_id) REFERENCES se_bench_trials (trial_id)
)
 WITHOUT ROWID

;
INSERT INTO "se_bench_epochs" VALUES('trial-00000-0',1,2.0,0.25,1.0,0.1,1.5,0.25,'[0.5, 1e-12]',NULL,NULL);
INSERT INTO "se_bench_epochs" VALUES('trial-00000-0',2,1.0,0.25,0.5,0.2,1.5,0.25,'[0.5, 2e-12]',NULL,NULL);
CREATE TABLE se_bench_gates (
	trial_id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	reading JSON NOT NULL, 
	CONSTRAINT pk_se_bench_gates PRIMARY KEY (trial_id), 
	CONSTRAINT fk_se_bench_gates_trial_id_se_bench_trials FOREIGN KEY(trial_id) REFERENCES se_bench_trials (trial_id), 
	CONSTRAINT fk_se_bench_gates_run_id_se_bench_runs FOREIGN KEY(run_id) REFERENCES se_bench_runs (run_id)
);
INSERT INTO "se_bench_gates" VALUES('trial-00000-0','run-1','{"trial_id": "trial-00000-0", "seed": 0, "accuracy": 0.2, "classes": ["\u00e9", "b"], "images": [3, 4], "units": [{"unit": "stage1.0", "stage": 1, "means": [[0.5, 0.1], [0.3333333333333333, 1e-17]], "deviations": [[0.0, 0.2], [0.1, 0.3]], "low": 0.25, "high": null}, {"unit": "stage1.0", "stage": 1, "means": [[0.5, 0.1], [0.3333333333333333, 1e-17]], "deviations": [[0.0, 0.2], [0.1, 0.3]], "low": 0.25, "high": null}], "interventions": [{"kind": "frozen", "stage": null, "accuracy": 0.1}, {"kind": "one", "stage": 2, "accuracy": 0.14285714285714285}]}');
CREATE TABLE se_bench_latencies (
	run_id TEXT NOT NULL, 
	reading JSON NOT NULL, 
	CONSTRAINT pk_se_bench_latencies PRIMARY KEY (run_id), 
	CONSTRAINT fk_se_bench_latencies_run_id_se_bench_runs FOREIGN KEY(run_id) REFERENCES se_bench_runs (run_id)
);
INSERT INTO "se_bench_latencies" VALUES('run-1','{"batch": 16, "threads": 1, "device": "cpu: \u00e9", "forward_ms": {"arch-00000": [1.5, 1.8333333333333333]}, "train_step_ms": {"arch-00000": [1.5, 1.8333333333333333]}}');
CREATE TABLE se_bench_runs (
	run_id TEXT NOT NULL, 
	study TEXT NOT NULL, 
	command TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	environment JSON NOT NULL, 
	CONSTRAINT pk_se_bench_runs PRIMARY KEY (run_id)
);
INSERT INTO "se_bench_runs" VALUES('run-1','width','se-bench run width --set ''a="b"''','2025-03-01 12:00:00.123456','{"torch": "2.6", "threads": 2, "gpu": []}');
CREATE TABLE se_bench_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT se_bench_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "se_bench_schema" VALUES('0003');
CREATE TABLE se_bench_studies (
	name TEXT NOT NULL, 
	question TEXT NOT NULL, 
	definition JSON NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_se_bench_studies PRIMARY KEY (name)
);
INSERT INTO "se_bench_studies" VALUES('width','How wide?','{"seeds": 1}','2026-11-25 00:18:04.139294');
CREATE TABLE se_bench_study_trials (
	study TEXT NOT NULL, 
	trial_id TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	CONSTRAINT pk_se_bench_study_trials PRIMARY KEY (study, trial_id), 
	CONSTRAINT fk_se_bench_study_trials_study_se_bench_studies FOREIGN KEY(study) REFERENCES se_bench_studies (name), 
	CONSTRAINT fk_se_bench_study_trials_trial_id_se_bench_trials FOREIGN KEY(trial_id) REFERENCES se_bench_trials (trial_id)
)
 WITHOUT ROWID

;
INSERT INTO "se_bench_study_trials" VALUES('width','trial-00000-0',0);
CREATE TABLE se_bench_trials (
	trial_id TEXT NOT NULL, 
	architecture_id TEXT NOT NULL, 
	dataset JSON NOT NULL, 
	dataset_fingerprint TEXT NOT NULL, 
	recipe JSON NOT NULL, 
	seed BIGINT NOT NULL, 
	numerics_version BIGINT NOT NULL, 
	status VARCHAR NOT NULL, 
	error TEXT NOT NULL, 
	epochs BIGINT NOT NULL, 
	accuracy DOUBLE, 
	loss DOUBLE, 
	train_seconds DOUBLE, 
	run_id TEXT, 
	started_at DATETIME, 
	ended_at DATETIME, 
	updated_at DATETIME NOT NULL, validation_accuracy DOUBLE, lease_token BIGINT DEFAULT 0 NOT NULL, lease_holder TEXT, lease_until DATETIME, 
	CONSTRAINT pk_se_bench_trials PRIMARY KEY (trial_id), 
	CONSTRAINT fk_se_bench_trials_architecture_id_se_bench_architectures FOREIGN KEY(architecture_id) REFERENCES se_bench_architectures (architecture_id), 
	CONSTRAINT fk_se_bench_trials_run_id_se_bench_runs FOREIGN KEY(run_id) REFERENCES se_bench_runs (run_id)
);
INSERT INTO "se_bench_trials" VALUES('trial-00000-0','arch-00000','{"name": "digits", "size": 16}','f00d','{"epochs": 2, "lr": 0.1}',0,1,'completed','',2,0.2,0.5,3.5,'run-1','2025-03-01 12:00:00.123456','2025-03-01 12:00:09.123456','2026-11-25 00:18:04.223264',NULL,0,NULL,NULL);
CREATE INDEX ix_se_bench_trials_architecture_id ON se_bench_trials (architecture_id);
CREATE INDEX ix_se_bench_trials_updated_at ON se_bench_trials (updated_at);
CREATE INDEX ix_se_bench_study_trials_trial_id ON se_bench_study_trials (trial_id);
CREATE INDEX ix_se_bench_trials_lease_holder ON se_bench_trials (lease_holder);
COMMIT;
