using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>A carrier's address, network or certificate as the edges' directory has it.</summary>
public sealed record CarrierSource
{
    /// <summary>The network (CIDR), canonical, or a <see cref="CertificateSource"/>; no two entries overlap.</summary>
    public required string Network { get; init; }

    /// <summary>Whose calls come from there; <see langword="null"/>: several tenants', the called number decides.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>Of a certificate: the names of ours at which the carrier connects (SNI), the only ones at which a certificate is asked for; an address among them: where none is named (RFC 6066 §3).</summary>
    /// <remarks>A directory that an earlier version published has none.</remarks>
    public IReadOnlyList<string> ServerNames { get; init => field = value ?? []; } = [];

    /// <summary>Where the called number is.</summary>
    public CalledNumberSource CalledNumberFrom { get; init; }

    /// <summary>Rewrites the called number to E.164, as the directory's numbers are written.</summary>
    public IReadOnlyList<NumberRewrite> CalledIn { get; init; } = [];
}
