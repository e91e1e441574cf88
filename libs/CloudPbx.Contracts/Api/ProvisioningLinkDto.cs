namespace CloudPbx.Contracts.Api;

/// <summary>An address from which one phone fetches its account, once.</summary>
/// <param name="Url">The address; whoever has it gets the phone's password, so it goes to that phone alone.</param>
/// <param name="ExpiresAt">Until when it can be fetched, UTC.</param>
public sealed record ProvisioningLinkDto(string Url, DateTime ExpiresAt)
{
    /// <summary>Does not tell the address.</summary>
    public override string ToString() => $"until {ExpiresAt:O}";
}
