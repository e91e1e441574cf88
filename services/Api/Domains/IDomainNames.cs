namespace CloudPbx.Api.Domains;

/// <summary>Asks DNS about tenants' domains. Servers that fail or are silent are an outcome.</summary>
internal interface IDomainNames
{
    /// <summary>Gives the records of a name and type, each as a zone file has it, or <see langword="null"/> where nobody answers.</summary>
    /// <param name="type"><c>TXT</c>, <c>NAPTR</c>, <c>SRV</c>, <c>A</c> or <c>AAAA</c>.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task<IReadOnlyList<string>?> FindAsync(string type, string name, CancellationToken cancel);
}
