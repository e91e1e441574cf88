using CloudPbx.Contracts.Api;

namespace CloudPbx.Portal.Components.Pages.Domains;

/// <summary>The SIP domains of a tenant: what to create in DNS for each, and whether it is there.</summary>
public partial class DomainsPage
{
    private readonly FormErrors _errors = new();
    private IReadOnlyList<DomainDto>? _domains;
    private IReadOnlyList<DnsRecordDto> _records = [];
    private DomainCheckDto? _check;
    private string? _shown, _open, _name;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        (_shown, _open, _check) = (Tenant, null, null);
        await ReadAsync();
    }

    private static string PurposeOf(DnsRecordDto record) => "domains.purpose-" + $"{record.Purpose}".ToLowerInvariant();

    private static string StateOf(DnsCheckDto found) => "domains.state-" + $"{found.State}".ToLowerInvariant();

    private static string AdviceOf(DnsCheckDto found) => found switch
    {
        { State: DnsRecordState.Missing, Record.Purpose: DnsPurpose.Preference } => "domains.advice-preference",
        { State: DnsRecordState.Missing } => "domains.advice-missing",
        { State: DnsRecordState.Different } => "domains.advice-different",
        _ => "domains.advice-unanswered",
    };

    private DnsCheckDto? FoundOf(DnsRecordDto record) => _check?.Records.FirstOrDefault(found => found.Record == record);

    private Task ReadAsync() => LoadAsync(async () => _domains = await Here.AllDomainsAsync(Gone));

    private async Task AddAsync()
    {
        DomainDto? added = null;
        if (!await TryAsync(async () => added = await Here.AddDomainAsync(new NewDomain { Name = _name?.Trim() ?? "" }, Gone), _errors, "name"))
            return;
        _name = null;
        await ReadAsync();
        (_open, _records, _check) = (added!.Name, added.Records, null);
    }

    private async Task OpenAsync(DomainDto domain)
    {
        DomainDto? whole = null;
        if (await TryAsync(async () => whole = await Here.DomainAsync(domain.Name, Gone)))
            (_open, _records, _check) = (domain.Name, whole!.Records, null);
    }

    private async Task CheckAsync(DomainDto domain)
    {
        DomainCheckDto? check = null;
        if (!await TryAsync(async () => check = await Here.CheckDomainAsync(domain.Name, Gone)))
            return;
        (_check, _records) = (check, [.. check!.Records.Select(found => found.Record)]);
        if (check.Proven != domain.Proven)
            await ReadAsync();
    }

    private async Task RemoveAsync(DomainDto domain)
    {
        if (!await DestroyAsync(
            T["domains.remove-title", domain.Name], T[domain.Proven ? "domains.remove-text" : "domains.remove-claim"], T["domains.remove"], domain.Name, () => Here.RemoveDomainAsync(domain.Name, Gone)))
            return;
        if (_open == domain.Name)
            _open = null;
        await ReadAsync();
    }
}
