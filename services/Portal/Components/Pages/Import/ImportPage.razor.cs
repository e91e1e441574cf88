using System.Text;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Text;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace CloudPbx.Portal.Components.Pages.Import;

/// <summary>What a miniSIPServer had, taken over from its files: looked at first, then done, with a report row by row.</summary>
public partial class ImportPage
{
    private const long LargestFile = 2 * 1024 * 1024;

    private readonly Dictionary<ImportedFile, string> _files = [];
    private List<string> _wrong = [];
    private List<ImportedRow> _rows = [];
    private ImportReport? _report;
    private string? _shown;

    private static string NameOf(ImportedFile file) => file switch { ImportedFile.Users => "users", ImportedFile.Lines => "lines", _ => "dial-plan" };

    private static string Columns(ImportedFile file) => file switch
    {
        ImportedFile.Users => "local user, password, display name",
        ImportedFile.Lines => "external line, password, server, port, auth id, local user",
        _ => "prefix, external line, delete digits, insert",
    };

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        _files.Clear();                                                                          // one company's passwords are not another's
        (_wrong, _rows, _report) = ([], [], null);
    }

    private async Task TakeAsync(ImportedFile kind, InputFileChangeEventArgs change)
    {
        string whose = Tenant;
        (_report, _wrong) = (null, []);
        _files.Remove(kind);
        try
        {
            await using Stream file = change.File.OpenReadStream(LargestFile, Gone);
            using StreamReader reader = new(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
            string text = await reader.ReadToEndAsync(Gone);
            if (whose != Tenant)
                return;
            _files[kind] = text;
        }
        catch (DecoderFallbackException)
        {
            _wrong = [T["bulk.no-utf8"]];
            return;
        }
        catch (IOException)
        {
            _wrong = [T["import.large"]];
            return;
        }
        await SendAsync(dryRun: true);
    }

    private async Task SendAsync(bool dryRun)
    {
        _wrong = [];
        NewImport wish = new() { Users = _files.GetValueOrDefault(ImportedFile.Users), Lines = _files.GetValueOrDefault(ImportedFile.Lines), DialPlan = _files.GetValueOrDefault(ImportedFile.DialPlan) };
        string whose = Tenant;
        await TryAsync(async () =>
        {
            try
            {
                ImportReport report = await Here.ImportAsync(wish, dryRun, Gone);
                if (whose != Tenant)
                    return;                                                                      // the page shows another company by now
                _report = report;
                _rows = [.. _report.Rows.OrderBy(row => row.Taken)];                             // what needs a hand comes first
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
        "\uFEFFextension,device,user,password\r\n" + string.Concat(_report!.Secrets.Select(made => CsvText.Line(made.Extension, made.Device, made.AuthUser, made.Secret) + "\r\n")));
}
