using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>A registered shared trunk as the edges' directory has it: a call to one of its lines' Contact is the tenant's that has the called number.</summary>
public sealed record SharedLineSource
{
    /// <summary>The shared trunk: what its lines' Contact names in a tenant's place.</summary>
    public required TrunkId Trunk { get; init; }

    /// <summary>Where the called number is; the Request-URI is the Contact, so To stands for it.</summary>
    public CalledNumberSource CalledNumberFrom { get; init; }

    /// <summary>Rewrites the called number to E.164, as the directory's numbers are written.</summary>
    public IReadOnlyList<NumberRewrite> CalledIn { get; init => field = value ?? []; } = [];
}
