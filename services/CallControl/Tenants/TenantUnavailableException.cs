namespace CloudPbx.CallControl.Tenants;

/// <summary>A tenant cannot be started: there is none of that identifier, or its configuration cannot be read. Refuses a grain's activation.</summary>
[GenerateSerializer]
internal sealed class TenantUnavailableException : Exception
{
    public TenantUnavailableException()
    {
    }

    public TenantUnavailableException(string message)
        : base(message)
    {
    }

    public TenantUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
