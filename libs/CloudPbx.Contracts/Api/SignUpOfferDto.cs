namespace CloudPbx.Contracts.Api;

/// <summary>Whether companies become tenants by themselves, and to what.</summary>
public sealed record SignUpOfferDto
{
    /// <summary>Whether they do: the operator lets them, and there is a plan for it.</summary>
    public required bool Open { get; init; }

    /// <summary>The platform's domain: a tenant <c>acme</c> gets the SIP domain <c>acme.DOMAIN</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>Whether the confirmation goes by mail; else the answer to the sign-up has it.</summary>
    public required bool ByMail { get; init; }

    /// <summary>The plans to choose among, by name; first the one of a sign-up that names none.</summary>
    public required IReadOnlyList<PlanDto> Plans { get; init; }
}
