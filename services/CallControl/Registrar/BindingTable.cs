using CloudPbx.Sip.Messages;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Registrar;

/// <summary>The bindings of one tenant: the authority for where its phones are (RFC 3261 §10.3). Pure: instants come in, changes go out.</summary>
internal sealed class BindingTable
{
    private readonly Dictionary<string, Contacts> _extensions = new(StringComparer.Ordinal);

    // When an extension has to be looked at: never later than its first binding expires. A refresh moves nothing here; the look finds it and comes again.
    private readonly PriorityQueue<Contacts, DateTime> _looks = new();

    /// <summary>Number of bindings. May be read from anywhere.</summary>
    public int Count { get; private set; }

    /// <summary>All bindings of an extension that have not expired, the most preferred first, then the latest.</summary>
    public IReadOnlyList<Binding> Find(string extension, DateTime now) =>
        _extensions.TryGetValue(extension, out Contacts? list)
            ? [.. list.Select(entry => entry.Binding).Where(binding => binding.ExpiresAt > now)
                .OrderByDescending(binding => binding.Q).ThenByDescending(binding => binding.RegisteredAt)]
            : [];

    /// <summary>All bindings of the tenant, expired ones included until they are removed.</summary>
    public IReadOnlyList<Binding> All() => [.. _extensions.Values.SelectMany(list => list).Select(entry => entry.Binding)];

    /// <summary>Takes bindings over from an earlier owner of the tenant, unless newer ones are there.</summary>
    public void Restore(IEnumerable<Binding> bindings)
    {
        foreach (Binding binding in bindings)
        {
            if (!SipUri.TryParse(binding.ContactUri, out SipUri? uri))
                continue;
            Contacts list = ListOf(binding.Extension);
            if (list.Exists(entry => IsSame(entry, uri, binding.InstanceId, binding.RegId)))
                continue;
            list.Add(new Entry(binding, uri));
            Count++;
            Watch(list);
        }
    }

    /// <summary>Applies a REGISTER as a whole or not at all.</summary>
    /// <param name="command">The request.</param>
    /// <param name="template">What all its contacts share: extension, device, flow, user agent; its other members are filled in here.</param>
    /// <param name="rules">Limits for this phone.</param>
    /// <param name="now">The present instant, UTC.</param>
    public RegisterOutcome Apply(RegisterCommand command, Binding template, BindingRules rules, DateTime now)
    {
        Contacts list = ListOf(template.Extension);
        int before = list.Count;
        RegisterOutcome outcome = ApplyTo(list, command, template, rules, now);
        Count += list.Count - before;
        Watch(list);
        return outcome;
    }

    private static RegisterOutcome ApplyTo(List<Entry> list, RegisterCommand command, Binding template, BindingRules rules, DateTime now)
    {
        List<Binding> removed = Expire(list, now);
        if (command.Contacts.Count > rules.MaximumContacts)
            return new RegisterOutcome.TooMany();
        // Checked for all before any is changed: step 7 asks for all or nothing.
        foreach (ContactWish contact in command.Contacts)
            if (contact.Expires is { } wish and > 0 && wish < rules.MinimumExpires.TotalSeconds)
                return new RegisterOutcome.TooBrief();
        foreach (Entry entry in list)
            if (entry.Binding.CSeq > command.CSeq && entry.Binding.CallId == command.CallId && (command.RemoveAll || IsAmong(command.Contacts, entry)))
                return new RegisterOutcome.OutOfOrder();

        List<Binding> saved = new(command.Contacts.Count);
        if (command.RemoveAll)
        {
            removed.AddRange(list.Select(entry => entry.Binding));
            list.Clear();
        }
        foreach (ContactWish contact in command.Contacts)
            ApplyOne(list, contact, command, template, rules, now, saved, removed);
        while (list.Count > rules.MaximumContacts)
            RemoveOldest(list, saved, removed);
        // Own bindings first: GNOME Calls takes its media address from the first Contact of the answer.
        List<Binding> all = new(list.Count);
        all.AddRange(saved);
        foreach (Entry entry in list)
            if (!IsAmong(saved, entry.Binding))
                all.Add(entry.Binding);
        return new RegisterOutcome.Accepted(now, all, saved, removed);
    }

    /// <summary>Changes a binding, if it still stands; its key must stay the same.</summary>
    /// <returns>The changed binding, or null.</returns>
    public Binding? Change(string extension, string key, Func<Binding, Binding> change)
    {
        Contacts list = ListOf(extension);
        int index = list.FindIndex(entry => entry.Binding.Key == key);
        if (index < 0)
            return null;
        list[index] = list[index] with { Binding = change(list[index].Binding) };
        return list[index].Binding;
    }

    /// <summary>Removes all bindings that match, for example those of a flow that is gone.</summary>
    public IReadOnlyList<Binding> Remove(Func<Binding, bool> match)
    {
        List<Binding> removed = [];
        foreach (Contacts list in _extensions.Values)
        {
            removed.AddRange(list.Where(entry => match(entry.Binding)).Select(entry => entry.Binding));
            list.RemoveAll(entry => match(entry.Binding));
        }
        Count -= removed.Count;
        return removed;
    }

    /// <summary>Removes what has expired, without looking at what cannot have.</summary>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="next">When to ask again: not after the next binding expires; null when there is none.</param>
    public IReadOnlyList<Binding> Expire(DateTime now, out DateTime? next)
    {
        List<Binding>? removed = null;
        while (_looks.TryPeek(out Contacts? list, out DateTime at) && at <= now)
        {
            _looks.Dequeue();
            if (at != list.NextLook)
                continue;                                        // an earlier look was wanted since
            (removed ??= []).AddRange(Expire(list, now));
            list.NextLook = DateTime.MaxValue;
            Watch(list);
        }
        Count -= removed?.Count ?? 0;
        next = _looks.TryPeek(out _, out DateTime first) ? first : null;
        return removed ?? [];
    }

    private void Watch(Contacts list)
    {
        DateTime first = DateTime.MaxValue;
        foreach (Entry entry in list)
            if (entry.Binding.ExpiresAt < first)
                first = entry.Binding.ExpiresAt;
        if (first >= list.NextLook)
            return;
        list.NextLook = first;
        _looks.Enqueue(list, first);
    }

    private static void ApplyOne(
        List<Entry> list, ContactWish contact, RegisterCommand command, Binding template, BindingRules rules, DateTime now,
        List<Binding> saved, List<Binding> removed)
    {
        Entry? old = null;
        for (int i = list.Count - 1; i >= 0; i--)
        {
            Entry entry = list[i];
            bool same = IsSame(entry, contact);
            if (same)
                old = entry;
            // A phone that reconnected goes on with its Call-ID from a new address: the contact of its dead connection is no second phone. And the same instance
            // on the same reg-id has one binding, whatever address it had before (RFC 5626 §6).
            else if (!IsLeftBehind(entry.Binding, command, template) || IsAmong(command.Contacts, entry))
                continue;
            if (!same || contact.Expires == 0 || !HasKey(entry.Binding, template, contact))
                removed.Add(entry.Binding);
            list.RemoveAt(i);
        }
        if (contact.Expires == 0)
            return;
        TimeSpan granted = contact.Expires is { } wish && wish < rules.MaximumExpires.TotalSeconds ? TimeSpan.FromSeconds(wish) : rules.MaximumExpires;
        // A refresh says again what is known. The known strings are kept: they are old, and new ones that lived as long would be the next collection's work.
        Binding? known = old?.Binding;
        Binding binding = template with
        {
            ContactUri = Kept(known?.ContactUri, contact.Uri.ToString()),
            CallId = Kept(known?.CallId, command.CallId),
            FlowToken = Kept(known?.FlowToken, template.FlowToken),
            RemoteAddress = Kept(known?.RemoteAddress, template.RemoteAddress),
            UserAgent = template.UserAgent is { } agent ? Kept(known?.UserAgent, agent) : null,
            InstanceId = contact.InstanceId is { } instance ? Kept(known?.InstanceId, instance) : null,
            CSeq = command.CSeq,
            ExpiresAt = now + granted,
            RegisteredAt = known?.RegisteredAt ?? now,
            Q = contact.Q,
            RegId = contact.RegId,
            Srtp = known?.Srtp,
            LatencyMilliseconds = template.LatencyMilliseconds ?? known?.LatencyMilliseconds,
        };
        list.Insert(0, new Entry(binding, old is not null && known!.ContactUri == binding.ContactUri ? old.Uri : contact.Uri));
        saved.Add(binding);
    }

    private static bool IsLeftBehind(Binding binding, RegisterCommand command, Binding template) =>
        binding.CallId == command.CallId && binding.CSeq < command.CSeq && binding.DeviceId == template.DeviceId && binding.FlowToken != template.FlowToken;

    // Whether the binding has the key that the contact will have (Binding.KeyOf), without making either.
    private static bool HasKey(Binding binding, Binding template, ContactWish contact) =>
        binding.Extension == template.Extension && binding.DeviceId == template.DeviceId && binding.InstanceId == contact.InstanceId
        && (contact.InstanceId is null ? binding.ContactUri == contact.Uri.ToString() : binding.RegId == contact.RegId);

    private static string Kept(string? known, string said) => known == said ? known : said;

    private static bool IsAmong(IReadOnlyList<ContactWish> contacts, Entry entry)
    {
        foreach (ContactWish contact in contacts)
            if (IsSame(entry, contact))
                return true;
        return false;
    }

    private static bool IsAmong(List<Binding> bindings, Binding binding)
    {
        foreach (Binding one in bindings)
            if (ReferenceEquals(one, binding))
                return true;
        return false;
    }

    // Phones that do not unregister when they quit fill the list with dead contacts: the one refreshed longest ago goes, never the newcomer.
    private static void RemoveOldest(List<Entry> list, List<Binding> saved, List<Binding> removed)
    {
        Entry oldest = list.Where(entry => !IsAmong(saved, entry.Binding)).MinBy(entry => entry.Binding.ExpiresAt)!;
        list.Remove(oldest);
        removed.Add(oldest.Binding);
    }

    private static List<Binding> Expire(List<Entry> list, DateTime now)
    {
        List<Binding> removed = [];
        foreach (Entry entry in list)
            if (entry.Binding.ExpiresAt <= now)
                removed.Add(entry.Binding);
        if (removed.Count > 0)
            list.RemoveAll(entry => entry.Binding.ExpiresAt <= now);
        return removed;
    }

    private static bool IsSame(Entry entry, ContactWish contact) => IsSame(entry, contact.Uri, contact.InstanceId, contact.RegId);

    private static bool IsSame(Entry entry, SipUri uri, string? instance, int regId) =>
        instance is not null && entry.Binding.InstanceId == instance
            ? entry.Binding.RegId == regId
            : entry.Uri.Equals(uri);                             // §19.1.4

    private Contacts ListOf(string extension)
    {
        if (!_extensions.TryGetValue(extension, out Contacts? list))
            _extensions.Add(extension, list = []);
        return list;
    }

    private sealed record Entry(Binding Binding, SipUri Uri);

    /// <summary>The bindings of one extension.</summary>
    private sealed class Contacts : List<Entry>
    {
        /// <summary>When it is looked at next; the end of time while nothing can expire.</summary>
        public DateTime NextLook { get; set; } = DateTime.MaxValue;
    }
}
