using System.Collections.Concurrent;
using System.Net;
using System.Text;
using CloudPbx.Contracts.Ids;
using Microsoft.Extensions.Options;

namespace CloudPbx.State.Bans;

/// <summary>A process's memory of the bans: asked for every message, told of changes. While Redis is away it goes on with what it knows.</summary>
/// <remarks>Thread-safe. Asking takes no lock and allocates nothing. Trusted networks are never in it.</remarks>
public sealed class BanTable(IOptions<BanOptions> options, TimeProvider time)
{
    /// <summary>Sources in all: what an attack from everywhere costs is bounded.</summary>
    public const int Capacity = 50_000;

    /// <summary>Accounts of one source; the ban that ends first makes room for the next.</summary>
    public const int AccountCapacity = 256;

    private static readonly Entry s_none = new(0, []);

    private readonly IPNetwork[] _trusted = [.. options.Value.TrustedNets.Select(network => IPNetwork.Parse(network))];
    private readonly Lock _gate = new();                        // taken when a ban comes or goes, never for a message
    private volatile ConcurrentDictionary<BanSource, Entry> _entries = new();
    private volatile bool _isEmpty = true;                      // asked first: mostly nobody is banned

    /// <summary>Whether a whole source is banned.</summary>
    public bool Covers(in BanSource source) => TryFind(source, out Entry entry) && entry.Until > Now;

    /// <summary>Whether single accounts of a source are banned: only then it is worth looking for the account of a message.</summary>
    public bool HasAccounts(in BanSource source) => TryFind(source, out Entry entry) && entry.Accounts.Length > 0;

    /// <summary>Whether an account is banned as it is used from a source.</summary>
    /// <param name="source">From where.</param>
    /// <param name="tenant">The account's tenant.</param>
    /// <param name="account">The digest user name in UTF-8.</param>
    public bool Covers(in BanSource source, TenantId tenant, ReadOnlySpan<byte> account)
    {
        if (account.IsEmpty || !TryFind(source, out Entry entry))
            return false;
        foreach (Account banned in entry.Accounts)
        {
            if (banned.Tenant == tenant && account.SequenceEqual(banned.Name) && banned.Until > Now)
                return true;
        }
        return false;
    }

    /// <summary>Whether a source belongs to a trusted network.</summary>
    public bool IsTrusted(in BanSource source)
    {
        if (_trusted.Length == 0)
            return false;
        IPAddress address = source.ToIPAddress();
        return _trusted.Any(network => network.Contains(address));
    }

    /// <summary>Takes one ban in; a ban of the same subject is replaced.</summary>
    /// <param name="subject">Who is banned.</param>
    /// <param name="until">Until when, UTC.</param>
    public void Add(in BanSubject subject, DateTime until)
    {
        lock (_gate)
        {
            Add(_entries, subject, new DateTimeOffset(until).ToUnixTimeMilliseconds());
            _isEmpty = _entries.IsEmpty;
        }
    }

    /// <summary>Takes one ban out.</summary>
    public void Remove(in BanSubject subject)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(subject.Source, out Entry? entry))
                return;
            Set(_entries, subject.Source, Without(entry, subject));
            _isEmpty = _entries.IsEmpty;
        }
    }

    /// <summary>Replaces all that is known.</summary>
    public void Replace(IEnumerable<Ban> bans)
    {
        ArgumentNullException.ThrowIfNull(bans);
        ConcurrentDictionary<BanSource, Entry> entries = new();
        lock (_gate)
        {
            foreach (Ban ban in bans)
                Add(entries, ban.Subject, new DateTimeOffset(ban.Until).ToUnixTimeMilliseconds());
            _entries = entries;
            _isEmpty = entries.IsEmpty;
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private bool TryFind(in BanSource source, out Entry entry)
    {
        entry = s_none;
        return !_isEmpty && _entries.TryGetValue(source, out entry!);
    }

    private void Add(ConcurrentDictionary<BanSource, Entry> entries, in BanSubject subject, long until)
    {
        if (IsTrusted(subject.Source))
            return;
        if (!entries.TryGetValue(subject.Source, out Entry? entry))
        {
            if (entries.Count >= Capacity)
                Sweep(entries);
            if (entries.Count >= Capacity)
                return;
            entry = s_none;
        }
        entry = Without(entry, subject);
        if (subject.Tenant is not { } tenant)
            entry = entry with { Until = until };
        else
            entry = entry with { Accounts = [.. Room(entry.Accounts), new Account(tenant, Encoding.UTF8.GetBytes(subject.Account ?? ""), until)] };
        Set(entries, subject.Source, entry);
    }

    private IEnumerable<Account> Room(Account[] accounts)
    {
        long now = Now;
        IEnumerable<Account> inForce = accounts.Where(a => a.Until > now);
        return accounts.Length < AccountCapacity ? inForce : inForce.OrderByDescending(a => a.Until).Take(AccountCapacity - 1);
    }

    private static Entry Without(Entry entry, in BanSubject subject)
    {
        if (subject.Tenant is not { } tenant)
            return entry with { Until = 0 };
        byte[] name = Encoding.UTF8.GetBytes(subject.Account ?? "");
        return entry with { Accounts = [.. entry.Accounts.Where(a => a.Tenant != tenant || !name.AsSpan().SequenceEqual(a.Name))] };
    }

    private static void Set(ConcurrentDictionary<BanSource, Entry> entries, BanSource source, Entry entry)
    {
        if (entry is { Until: 0, Accounts.Length: 0 })
            entries.TryRemove(source, out _);
        else
            entries[source] = entry;
    }

    private void Sweep(ConcurrentDictionary<BanSource, Entry> entries)
    {
        long now = Now;
        foreach ((BanSource source, Entry entry) in entries)
        {
            if (entry.Until <= now && entry.Accounts.All(a => a.Until <= now))
                entries.TryRemove(source, out _);
        }
    }

    private sealed record Entry(long Until, Account[] Accounts);

    private readonly record struct Account(TenantId Tenant, byte[] Name, long Until);
}
