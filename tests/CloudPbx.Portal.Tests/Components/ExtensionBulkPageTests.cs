using System.Text;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components.Pages.Extensions;
using Microsoft.AspNetCore.Components.Forms;

namespace CloudPbx.Portal.Tests.Components;

public sealed class ExtensionBulkPageTests
{
    private static readonly BulkRow s_good = new() { Row = 2, Subject = "200", Outcome = BulkOutcome.Created };
    private static readonly BulkRow s_wrong = new() { Row = 3, Subject = "x", Outcome = BulkOutcome.Refused, Errors = new Dictionary<string, string[]> { ["number"] = ["Must be 2 to 8 digits, for example \"100\"."] } };

    [Theory]
    [InlineData("en", "Must be 2 to 8 digits")]
    [InlineData("zh-CN", "须为 2 到 8 位数字")]
    public async Task A_file_is_looked_at_first_and_done_when_that_is_asked_for(string language, string sentence)
    {
        await using PortalContext context = new(language);
        context.Api.On("POST /v1/tenants/acme/extensions/bulk?existing=refuse&dryRun=true", new BulkReport { DryRun = true, Created = 1, Changed = 0, Unchanged = 0, Refused = 1, Rows = [s_good, s_wrong] });
        context.Api.On("POST /v1/tenants/acme/extensions/bulk?existing=refuse&dryRun=false", new BulkReport
        {
            DryRun = false, Created = 1, Changed = 0, Unchanged = 0, Refused = 1, Rows = [s_good with { Secrets = [new GeneratedSecret("200", "phone", "200", "only-once-here")] }, s_wrong],
        });
        var page = context.Bunit.Render<ExtensionBulkPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("number\n200\nx\n", "people.csv"));
        page.WaitForElement("[data-testid=bulk-apply]");
        Assert.Contains(sentence, page.Find("[data-testid=bulk-report]").TextContent, StringComparison.Ordinal);
        Assert.Equal("number\n200\nx\n", context.Api.Asked[^1].Body);
        page.Find("[data-testid=bulk-apply]").Click();
        page.WaitForElement("[data-testid=bulk-secrets]").Click();
        Assert.DoesNotContain("only-once-here", page.Markup, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains(
            context.Bunit.JSInterop.Invocations, call => call.Identifier == "cloudpbx.download" && $"{call.Arguments[2]}".Contains("200,phone,200,only-once-here", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Another_company_on_the_same_page_begins_with_nothing()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/tenants/acme/extensions/bulk?existing=refuse&dryRun=true", new BulkReport { DryRun = true, Created = 1, Changed = 0, Unchanged = 0, Refused = 0, Rows = [s_good] });
        var page = context.Bunit.Render<ExtensionBulkPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("number\n200\n", "people.csv"));
        page.WaitForElement("[data-testid=bulk-apply]");
        page.Render(parameters => parameters.Add(p => p.Tenant, "other"));
        Assert.Empty(page.FindAll("[data-testid=bulk-report]"));
    }

    [Fact]
    public async Task A_file_that_is_not_UTF8_is_not_sent()
    {
        await using PortalContext context = new();
        var page = context.Bunit.Render<ExtensionBulkPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(Encoding.Latin1.GetBytes("number\nJörg\n"), "people.csv"));
        page.WaitForAssertion(() => Assert.Contains("not UTF-8", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Empty(context.Api.Asked);
    }
}
