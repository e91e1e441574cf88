using System.Buffers.Text;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Directory;

namespace CloudPbx.Edge.Dispatch;

/// <summary>The directory, looked up by octets of a message. Immutable; never allocates when asked.</summary>
internal sealed class DirectoryIndex
{
    private const int LongestName = 255;
    private const int LongestDialled = 64;

    private readonly FrozenDictionary<string, Domain>.AlternateLookup<ReadOnlySpan<char>> _domains;
    private readonly FrozenDictionary<string, TenantId>.AlternateLookup<ReadOnlySpan<char>> _users;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _hostNames;
    private readonly FrozenSet<Guid> _tenants;
    private readonly FrozenSet<TenantId> _sha256;
    private readonly FrozenDictionary<string, TenantId> _numbers;
    private readonly FrozenDictionary<string, TenantId>.AlternateLookup<ReadOnlySpan<char>> _numbersByText;
    private readonly FrozenDictionary<Guid, FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>>> _emergency;
    private readonly FrozenDictionary<Guid, Carrier> _sharedLines;

    /// <summary>Indexes a snapshot.</summary>
    /// <param name="snapshot">The directory.</param>
    /// <param name="hostNames">Names of this installation that are no tenant's domain.</param>
    public DirectoryIndex(DirectorySnapshot snapshot, IEnumerable<string> hostNames)
    {
        _domains = snapshot.Domains.ToFrozenDictionary(
            domain => domain.Key, domain => new Domain(domain.Value.Value, Encoding.UTF8.GetBytes(domain.Key)), StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _sha256 = snapshot.Sha256Tenants;
        _users = snapshot.Users.GetAlternateLookup<ReadOnlySpan<char>>();
        _hostNames = hostNames.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _numbers = snapshot.Numbers;
        _numbersByText = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        _emergency = snapshot.Emergency
            .Select(entry => (entry.Tenants, Dialled: entry.Dialled.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>()))
            .SelectMany(entry => entry.Tenants, (entry, tenant) => KeyValuePair.Create(tenant.Value, entry.Dialled)).ToFrozenDictionary();
        Carriers = new CarrierIndex(snapshot.Carriers);
        _sharedLines = snapshot.SharedLines.ToFrozenDictionary(line => line.Trunk.Value, line => new Carrier(line));
        DefaultTenant = snapshot.DefaultTenant?.Value;
        IEnumerable<TenantId> tenants = snapshot.Domains.Values.Concat(snapshot.Users.Values).Concat(snapshot.Numbers.Values)
            .Concat(snapshot.Carriers.Select(carrier => carrier.Tenant).OfType<TenantId>());
        if (snapshot.DefaultTenant is { } defaultTenant)
            tenants = tenants.Append(defaultTenant);
        _tenants = tenants.Select(t => t.Value).ToFrozenSet();
    }

    public Guid? DefaultTenant { get; }

    /// <summary>Carriers by their addresses.</summary>
    public CarrierIndex Carriers { get; }

    /// <summary>Whose a telephone number is. Carriers that write E.164 leave the plus out as often as not.</summary>
    public bool TryFindNumber(string number, out Guid tenant)
    {
        bool found = _numbers.TryGetValue(number, out TenantId id) || (number is not ['+', ..] && _numbers.TryGetValue("+" + number, out id));
        tenant = id.Value;
        return found;
    }

    /// <summary>Whose a telephone number is that a Request-URI names, as the directory writes it or without its plus.</summary>
    public bool TryFindNumber(ReadOnlySpan<byte> user, out Guid tenant)
    {
        Span<char> text = stackalloc char[LongestDialled];
        text[0] = '+';
        int end = user.IndexOf((byte)';');                        // RFC 3261 §19.1.6
        ReadOnlySpan<byte> number = (end < 0 ? user : user[..end]).TrimStart((byte)'+');
        bool found = _numbersByText.TryGetValue(TryDecode(number, text[1..], out int length) ? text[..(length + 1)] : [], out TenantId id);
        tenant = id.Value;
        return found;
    }

    /// <summary>Whether a tenant exists: a token of a stranger's making must not wake one that does not.</summary>
    public bool Knows(Guid tenant) => _tenants.Contains(tenant);

    /// <summary>The carrier at which a shared trunk's lines are registered, whose Contact names it in a tenant's place.</summary>
    public bool TryFindSharedLine(Guid trunk, [NotNullWhen(true)] out Carrier? carrier) => _sharedLines.TryGetValue(trunk, out carrier);

    public bool TryFindDomain(ReadOnlySpan<byte> host, out Guid tenant) => TryFindDomain(host, out tenant, out _);

    /// <summary>Finds whose a domain is.</summary>
    /// <param name="host">The domain, in any case; a dot at its end does not matter.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="name">The domain as its tenant writes it.</param>
    public bool TryFindDomain(ReadOnlySpan<byte> host, out Guid tenant, out ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[LongestName];
        if (TryDecode(host, text, out int length) && _domains.TryGetValue(text[..length].TrimEnd('.'), out Domain? domain))
        {
            tenant = domain.Tenant;
            name = domain.Name;
            return true;
        }
        tenant = default;
        name = default;
        return false;
    }

    /// <summary>Whether a tenant has devices that are offered SHA-256.</summary>
    public bool UsesSha256(Guid tenant) => _sha256.Contains(new TenantId(tenant));

    /// <summary>Whether a tenant's phones dial help by this.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="user">The user part of a Request-URI; its parameters (RFC 3261 §19.1.6) and the separators that people write (RFC 3966 §5.1.1) do not count, and an escaped digit is that digit (§19.1.4), as for call control.</param>
    public bool IsEmergency(Guid tenant, ReadOnlySpan<byte> user)
    {
        if (!_emergency.TryGetValue(tenant, out FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> dialled))
            return false;
        Span<char> text = stackalloc char[LongestDialled];
        int length = 0;
        for (int i = 0; i < user.Length && user[i] != ';'; i++)
        {
            byte c = user[i];
            if (c == '%' && i + 2 < user.Length && Utf8Parser.TryParse(user.Slice(i + 1, 2), out byte escaped, out int digits, 'X') && digits == 2)
                (c, i) = (escaped, i + 2);
            if (c is (byte)'-' or (byte)'.' or (byte)'(' or (byte)')')
                continue;
            if (length == text.Length)
                return false;
            text[length++] = (char)c;
        }
        return dialled.Contains(text[..length]);
    }

    public bool TryFindUser(ReadOnlySpan<byte> user, out Guid tenant)
    {
        Span<char> text = stackalloc char[LongestName];
        if (!user.IsEmpty && TryDecode(user, text, out int length) && _users.TryGetValue(text[..length], out TenantId id))
        {
            tenant = id.Value;
            return true;
        }
        tenant = default;
        return false;
    }

    /// <summary>Whether a host names no domain: an address, or this installation itself. No top-level domain ends in a digit.</summary>
    public bool IsOwnHost(ReadOnlySpan<byte> host)
    {
        if (host.IsEmpty || host[0] == '[' || host[^1] is >= (byte)'0' and <= (byte)'9')
            return true;
        Span<char> text = stackalloc char[LongestName];
        return TryDecode(host, text, out int length) && _hostNames.Contains(text[..length].TrimEnd('.'));
    }

    private static bool TryDecode(ReadOnlySpan<byte> octets, Span<char> text, out int length)
    {
        length = 0;
        return octets.Length <= text.Length && Encoding.UTF8.TryGetChars(octets, text, out length);
    }

    private sealed record Domain(Guid Tenant, byte[] Name);
}
