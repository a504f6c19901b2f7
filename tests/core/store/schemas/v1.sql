-- The schema of version 1, as its release made it: what a migration has to start from.

CREATE TABLE prompt_templates (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL /* the prompt */, 
	version INTEGER NOT NULL /* one file a version */, 
	template TEXT NOT NULL /* the body, with its {{variables}} */, 
	variables TEXT /* JSON array of the declared variables */, 
	active BOOLEAN DEFAULT true NOT NULL /* takes part in serving its name */, 
	usage_count INTEGER DEFAULT 0 NOT NULL /* runs started, over all revisions */, 
	success_rate REAL /* successes/(successes+failures); NULL: unrated */, 
	created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL /* when this version was first seen */, 
	path TEXT DEFAULT '' NOT NULL /* its file, relative to the prompts folder */, 
	content_hash TEXT DEFAULT '' NOT NULL /* SHA-256 of the file, hexadecimal */, 
	updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL /* when the content last changed */, 
	description TEXT DEFAULT '' NOT NULL /* one line for people */, 
	weight REAL /* share in a split; NULL: none given */, 
	system TEXT DEFAULT '' NOT NULL /* the system message */, 
	provider TEXT /* the provider it asks for, if any */, 
	model TEXT /* the model it asks for, if any */, 
	parameters TEXT DEFAULT '{}' NOT NULL /* JSON map: temperature and the like */, 
	tags TEXT DEFAULT '[]' NOT NULL /* JSON array of words */, 
	front_matter TEXT DEFAULT '{}' NOT NULL /* JSON map: the front matter as written */, 
	body_line INTEGER DEFAULT 1 NOT NULL /* line of the file on which the template starts */, 
	retired_at TIMESTAMP /* when its file went away; NULL: it is there */, 
	PRIMARY KEY (id), 
	UNIQUE (name, version)
);

CREATE TABLE prompt_files (
	path TEXT NOT NULL /* relative to the prompts folder */, 
	size BIGINT NOT NULL /* bytes */, 
	mtime_ns BIGINT NOT NULL /* nanoseconds; -1: read it again */, 
	inode BIGINT NOT NULL, 
	content_hash TEXT DEFAULT '' NOT NULL /* SHA-256 of what was read; empty: unreadable */, 
	name TEXT /* the version it stands for; NULL: never a valid prompt */, 
	version INTEGER /* the version it stands for, see name */, 
	problems TEXT DEFAULT '[]' NOT NULL /* JSON array of what is wrong with it */, 
	reader TEXT DEFAULT '' NOT NULL /* the release of Penstock that read it */, 
	PRIMARY KEY (path)
);

CREATE TABLE prompt_revisions (
	id INTEGER NOT NULL, 
	template_id INTEGER NOT NULL, 
	content_hash TEXT NOT NULL /* SHA-256 of content, hexadecimal */, 
	content TEXT NOT NULL /* the whole file */, 
	created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL /* when it was first seen */, 
	PRIMARY KEY (id), 
	UNIQUE (template_id, content_hash), 
	FOREIGN KEY(template_id) REFERENCES prompt_templates (id)
);

CREATE TABLE runs (
	id TEXT NOT NULL /* UUID, given by the caller */, 
	template_id INTEGER, 
	revision_id INTEGER, 
	name TEXT /* the prompt; NULL: free text */, 
	version INTEGER /* of the prompt */, 
	content_hash TEXT DEFAULT '' NOT NULL /* of the revision */, 
	provider TEXT NOT NULL, 
	model TEXT NOT NULL, 
	"values" TEXT DEFAULT '{}' NOT NULL /* JSON map: what the variables were */, 
	system TEXT DEFAULT '' NOT NULL /* the system message as sent */, 
	prompt TEXT DEFAULT '' NOT NULL /* the prompt as sent */, 
	parameters TEXT DEFAULT '{}' NOT NULL /* JSON map, as sent */, 
	answer TEXT DEFAULT '' NOT NULL /* as far as it came */, 
	reasoning TEXT DEFAULT '' NOT NULL /* thinking that the provider showed */, 
	finish TEXT /* why the answer ended, in the words of the provider */, 
	outcome TEXT /* success, failure, excluded; NULL: unrated */, 
	outcome_source TEXT /* who rated it: human, assertion, judge, ... */, 
	note TEXT DEFAULT '' NOT NULL /* said with the rating */, 
	status TEXT DEFAULT 'running' NOT NULL /* running, done, failed, cancelled, interrupted */, 
	error_class TEXT /* kind of error */, 
	error TEXT /* the error in one sentence */, 
	tokens_in INTEGER /* of the request; NULL: not told */, 
	tokens_out INTEGER /* of the answer */, 
	tokens_cached INTEGER /* of tokens_in, read from a cache */, 
	tokens_reasoning INTEGER /* of tokens_out, spent on thinking */, 
	usage_estimated BOOLEAN DEFAULT false NOT NULL /* the token counts are our estimate */, 
	request_id TEXT /* the provider's, for asking its support */, 
	attempts INTEGER DEFAULT 0 NOT NULL /* requests sent, retries included */, 
	created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL /* when it was asked for */, 
	started_at TIMESTAMP /* when the request was sent */, 
	finished_at TIMESTAMP /* when it ended, however it ended */, 
	waited_s REAL /* seconds waited for quota */, 
	first_token_s REAL /* seconds from sending to the first token */, 
	total_s REAL /* seconds from sending to the end */, 
	simulated BOOLEAN DEFAULT false NOT NULL /* answered by the simulator */, 
	pid INTEGER /* process that runs it */, 
	host TEXT DEFAULT '' NOT NULL /* computer of that process */, 
	PRIMARY KEY (id), 
	FOREIGN KEY(template_id) REFERENCES prompt_templates (id), 
	FOREIGN KEY(revision_id) REFERENCES prompt_revisions (id)
);

CREATE INDEX runs_by_prompt ON runs (name, version, created_at);

CREATE INDEX runs_by_outcome ON runs (template_id, outcome);

CREATE INDEX runs_newest ON runs (created_at);

PRAGMA application_id = 1347638338;
PRAGMA user_version = 1;
