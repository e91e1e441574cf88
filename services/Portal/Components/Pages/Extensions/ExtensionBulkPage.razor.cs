using System.Text;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Text;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Languages;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace CloudPbx.Portal.Components.Pages.Extensions;

/// <summary>Many extensions from a file: looked at first, then made, with a report row by row; and all of them into a file.</summary>
public partial class ExtensionBulkPage
{
    private const long LargestFile = 8 * 1024 * 1024;

    private List<string> _wrong = [];
    private List<BulkRow> _rows = [];
    private List<GeneratedSecret> _secrets = [];
    private BulkReport? _report;
    private string? _csv, _shown;
    private bool _change;

    private static string OutcomeOf(BulkRow row) => "bulk.outcome-" + $"{row.Outcome}".ToLowerInvariant();

    private IEnumerable<(string Place, string Sentence)> ErrorsOf(BulkRow row) =>
        (row.Errors ?? new Dictionary<string, string[]>()).SelectMany(error => error.Value, (error, sentence) => (error.Key, ApiSentences.In(T.Language, sentence)));

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_shown == Tenant)
            return;
        (_shown, _csv, _report, _change) = (Tenant, null, null, false);                          // one company's passwords are not another's
        (_wrong, _rows, _secrets) = ([], [], []);
    }

    private async Task PreviewAsync(InputFileChangeEventArgs change)
    {
        string whose = Tenant;
        (_report, _csv, _wrong) = (null, null, []);
        try
        {
            await using Stream file = change.File.OpenReadStream(LargestFile, Gone);
            using StreamReader reader = new(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
            string text = await reader.ReadToEndAsync(Gone);
            if (whose != Tenant)
                return;
            _csv = text;
        }
        catch (DecoderFallbackException)
        {
            _wrong = [T["bulk.no-utf8"]];
            return;
        }
        catch (IOException)
        {
            _wrong = [T["bulk.large"]];
            return;
        }
        await SendAsync(dryRun: true);
    }

    private async Task ChangeAsync(bool change)
    {
        _change = change;
        if (_csv is not null && _report is { DryRun: true })
            await SendAsync(dryRun: true);
    }

    private Task ApplyAsync() => SendAsync(dryRun: false);

    private async Task SendAsync(bool dryRun)
    {
        _wrong = [];
        string whose = Tenant;
        await TryAsync(async () =>
        {
            try
            {
                BulkReport report = await Here.BulkExtensionsAsync(_csv!, _change, dryRun, Gone);
                if (whose != Tenant)
                    return;                                                                      // the page shows another company by now
                _report = report;
                _rows = [.. _report.Rows.OrderByDescending(row => row.Outcome == BulkOutcome.Refused).ThenBy(row => row.Row)];      // what needs a hand comes first
                _secrets = [.. _report.Rows.SelectMany(row => row.Secrets ?? [])];
            }
            catch (ApiProblemException fault) when (fault.Problem.Errors.Count > 0 && whose == Tenant)
            {
                _report = null;
                _wrong = [.. fault.Problem.Errors.SelectMany(error => error.Value).Select(sentence => ApiSentences.In(T.Language, sentence))];
            }
        });
    }

    private async Task DownloadSecretsAsync() => await Browser.InvokeVoidAsync(
        "cloudpbx.download", Gone, $"{Tenant}-passwords.csv", "text/csv",
        "\uFEFFextension,device,user,password\r\n" + string.Concat(_secrets.Select(made => CsvText.Line(made.Extension, made.Device, made.AuthUser, made.Secret) + "\r\n")));

    private async Task ExportAsync() => await TryAsync(async () =>
    {
        string csv = await Here.ExportExtensionsAsync(Gone);
        await Browser.InvokeVoidAsync("cloudpbx.download", Gone, $"{Tenant}-extensions.csv", "text/csv", csv);
    });
}
