namespace CloudPbx.Contracts.Api;

/// <summary>A free number of the platform's inventory that a tenant may take.</summary>
public sealed record FreeNumberDto
{
    /// <summary>E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>Name of the platform's trunk over which it is reached; the tenant may route over it once it has a number of it.</summary>
    public required string Trunk { get; init; }
}
