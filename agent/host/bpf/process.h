// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Which program the current process is, told once: everything that user space could not read any more
// when the process is gone. Called only where the current process is the one that acts.

enum { MAX_STEPS = 48 };

INLINE void current_key(struct process_key *key)
{
	struct task_struct *task = (void *)current_task();
	struct task_struct *leader = 0;
	u64 exec = 0;

	READ(leader, task, group_leader);
	READ(key->start, leader, start_boottime);
	READ(exec, leader, self_exec_id);
	key->pid = current_pid() >> 32;
	key->exec = exec;
}

// Whether it is a thread of the kernel: one without memory of its own.
INLINE int is_kernel_thread(void)
{
	struct task_struct *task = (void *)current_task();
	struct mm_struct *mm = 0;

	READ(mm, task, mm);
	return !mm;
}

// Puts a name and a slash before what is there. Where that is stays in the record: the verifier would
// follow a variable through every way that the loop can take.
INLINE int prepend(struct process_record *record, struct dentry *dentry)
{
	const u8 *name = 0;
	u32 bytes = 0;
	u32 at = record->path_at;

	READ(bytes, dentry, d_name.len);
	READ(name, dentry, d_name.name);
	bytes &= NAME_BYTES - 1;
	if (at < bytes + 1)
		return 0;
	at -= bytes;
	read_kernel(&record->path[at & (PATH_BYTES - 1)], bytes, name);
	at -= 1;
	record->path[at & (PATH_BYTES - 1)] = '/';
	record->path_at = at;
	return 1;
}

// The path of the program file, from its end to the root of its mount namespace.
INLINE void describe_file(struct process_record *record, struct mm_struct *mm)
{
	struct file *file = 0;
	struct inode *inode = 0;
	struct dentry *dentry = 0;
	struct vfsmount *vfs = 0;
	void *hashed = 0;
	unsigned long number = 0;

	record->path_at = PATH_BYTES;
	READ(file, mm, exe_file);
	if (!file)
		return;
	READ(inode, file, f_inode);
	READ(number, inode, i_ino);
	record->inode = number;
	READ(dentry, file, f_path.dentry);
	READ(vfs, file, f_path.mnt);
	READ(hashed, dentry, d_hash.pprev);
	record->deleted = !hashed;
	record->cut = 1;
	for (u32 step = 0; step < MAX_STEPS; step++) {
		struct dentry *root = 0;
		struct dentry *parent = 0;

		READ(root, vfs, mnt_root);
		if (dentry == root) {
			struct mount *mount = (void *)vfs - __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
			struct mount *above = 0;

			READ(above, mount, mnt_parent);
			if (above == mount || !above) {
				record->cut = 0;
				break;
			}
			READ(dentry, mount, mnt_mountpoint);
			vfs = (void *)above + __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
			continue;
		}
		READ(parent, dentry, d_parent);
		if (!parent || !prepend(record, dentry))
			break;
		// A file without a folder, such as one in memory only.
		if (parent == dentry) {
			record->cut = 0;
			break;
		}
		dentry = parent;
	}
}

INLINE void describe_arguments(struct process_record *record, struct mm_struct *mm)
{
	struct arguments *kept = map_lookup(&command_lines, &record->key.pid);
	unsigned long start = 0;
	unsigned long end = 0;
	u64 bytes;

	if (kept && kept->exec == record->key.exec) {
		read_kernel(record->arguments, ARGUMENT_BYTES, kept->text);
		record->argument_bytes = kept->bytes;
		return;
	}
	READ(start, mm, arg_start);
	READ(end, mm, arg_end);
	bytes = end - start;
	if (bytes > ARGUMENT_BYTES)
		bytes = ARGUMENT_BYTES;
	record->argument_bytes = read_user(record->arguments, bytes, (void *)start) ? 0 : bytes;
}

INLINE void describe_groups(struct process_record *record, struct task_struct *task)
{
	struct css_set *set = 0;
	struct cgroup *group = 0;
	struct kernfs_node *node = 0;
	struct kernfs_node *above = 0;
	const char *name = 0;

	record->group[0][0] = 0;
	record->group[1][0] = 0;
	READ(set, task, cgroups);
	READ(group, set, dfl_cgrp);
	READ(node, group, kn);
	READ(name, node, name);
	read_kernel_text(record->group[0], GROUP_BYTES, name);
	if (__builtin_preserve_field_info(node->__parent, 2)) {
		READ(above, node, __parent);
	} else {
		struct kernfs_node___older *older = (void *)node;

		READ(above, older, parent);
	}
	if (above) {
		READ(name, above, name);
		read_kernel_text(record->group[1], GROUP_BYTES, name);
	}
}

// The parents up to the leader of the session.
INLINE void describe_parents(struct process_record *record, struct task_struct *leader)
{
	struct signal_struct *signal = 0;
	s32 leads = 0;
	u32 count = 0;

	READ(signal, leader, signal);
	READ(leads, signal, leader);
	for (u32 n = 0; n < MAX_PARENTS; n++) {
		struct parent *place = &record->parent[n];
		struct task_struct *parent = 0;
		s32 pid = 0;
		s32 above_leads = 0;

		READ(parent, leader, real_parent);
		READ(leader, parent, group_leader);
		READ(pid, leader, tgid);
		if (!leader || !pid)
			break;
		READ(signal, leader, signal);
		READ(above_leads, signal, leader);
		place->pid = pid;
		place->leader = above_leads;
		read_kernel(place->name, sizeof(place->name), &leader->comm);
		count = n + 1;
		// A leader itself has its parent in another session.
		if (leads || above_leads)
			break;
	}
	record->parents = count;
}

// Tells user space about the current program, unless it knows. Not inlined, so that the kernel checks it
// once and not at each of its uses; a function of this kind gives a number.
__attribute__((noinline)) int describe(void)
{
	struct task_struct *task = (void *)current_task();
	struct process_key key = {};
	struct task_struct *leader = 0;
	struct mm_struct *mm = 0;
	struct process_record *record;
	struct program known = {};

	current_key(&key);
	if (map_lookup(&described, &key))
		return 0;
	record = ring_reserve(&records, sizeof(*record), 0);
	if (!record) {
		lose(LOST_PROCESSES);
		return 0;
	}
	READ(leader, task, group_leader);
	READ(mm, task, mm);
	record->kind = PROCESS;
	record->deleted = 0;
	record->cut = 0;
	record->uid = current_uid();
	record->at = boot_ns();
	record->key = key;
	record->inode = 0;
	record->argument_bytes = 0;
	read_kernel(record->name, sizeof(record->name), &leader->comm);
	describe_groups(record, task);
	describe_parents(record, leader);
	describe_arguments(record, mm);
	describe_file(record, mm);
	ring_submit(record, NO_WAKEUP);
	map_update(&described, &key, &known, 0);
	return 1;
}
