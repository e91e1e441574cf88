using System.Text;
using System.Text.RegularExpressions;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.AllInOne.Tests.Docs;

/// <summary>The page that resellers read first: every line of it runs against the running product.</summary>
public sealed partial class GettingStartedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_line_of_the_page_works_as_it_stands()
    {
        Tools.Require("curl", "jq", "bash");
        await using RunningProduct product = await RunningProduct.StartAsync([], Cancel);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cloudpbx-docs-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "data"), product.DataFolder);
            string page = await File.ReadAllTextAsync(PagePath(), Cancel);
            string[] blocks = [.. Block().Matches(page).Select(match => match.Groups[1].Value)];
            Assert.True(blocks.Length >= 9, $"only {blocks.Length} blocks were found");
            StringBuilder script = new("set -euo pipefail\n");
            foreach (string block in blocks)
                script.Append(block.Replace("https://localhost:8443", $"https://localhost:{product.HttpsPort}", StringComparison.Ordinal)).Append("\necho; echo '--- next'\n");
            (int code, string output) = await ChildProcess.RunAsync(
                ["bash", "-c", script.ToString()], folder.FullName, new Dictionary<string, string?> { ["CURL_CA_BUNDLE"] = product.CaFile }, deadline: TimeSpan.FromMinutes(3), cancel: Cancel);
            Assert.True(code == 0, output);
            Assert.Contains("3 new, 0 refused", output, StringComparison.Ordinal);
            Assert.Contains("SRV _sips._tcp.pbx.bakery.example", output, StringComparison.Ordinal);
            Assert.Contains("bakery 5 extensions, 0 calls", output, StringComparison.Ordinal);
            Assert.Contains("Office", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string PagePath()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CloudPbx.sln")))
            root = root.Parent;
        return Path.Combine(root!.FullName, "services/Api/getting-started.md");
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
