using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>Lists that are longer than a page of the API, scrolled to where nobody has read yet.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class LongListTests(PortalFixture portal)
{
    /// <summary>By half a window's height, until every row that is seen is filled; gives the rows that were seen so, and the most that were in the page at a time.</summary>
    private const string Scroll = """
        async windows => {
          const frame = () => new Promise(requestAnimationFrame);
          const seen = () => [...document.querySelectorAll('.cp-table tbody tr')].filter(row => { const box = row.getBoundingClientRect(); return box.height > 0 && box.bottom > 1 && box.top < innerHeight - 1; });
          const filled = () => { const rows = seen(); return rows.length > 1 && rows.every(row => row.querySelector('a.main')); };
          const names = new Set(), most = { rows: 0 };
          for (let n = 0; n <= windows; n++) {
            for (const begin = performance.now(); !filled();) {
              if (performance.now() - begin > 10000) throw new Error(`window ${n} at ${scrollY} of ${document.documentElement.scrollHeight} stays empty`);
              await frame();
            }
            for (const row of seen()) names.add(row.querySelector('a.main').href);
            most.rows = Math.max(most.rows, document.querySelectorAll('.cp-table tbody tr').length);
            // At its end, as far as it was read, the list grows when the next part has come.
            const at = scrollY, begin = performance.now();
            do { scrollBy(0, innerHeight / 2); await frame(); } while (scrollY === at && performance.now() - begin < 2000);
            if (scrollY === at) break;
          }
          return [names.size, most.rows];
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_comes_when_it_is_scrolled_to_and_only_those_near_are_in_the_page()
    {
        await using SampleProduct product = await SampleProduct.StartAsync(Cancel);
        bool known = false;
        foreach ((int width, int height) in new[] { (1280, 860), (390, 844) })
        {
            await using Visit visit = await portal.VisitAsync(width: width, height: height, address: product.Address);
            if (known)
                await visit.SignInAsync();
            else
                await visit.ChoosePasswordAsync(product.Link);
            known = true;
            await visit.GoAsync("t/acme/extensions");
            int all = (await product.Api.GetAsync("tenants/acme/extensions?limit=200", Cancel)).GetProperty("items").GetArrayLength();
            int[] extensions = await visit.Page.EvaluateAsync<int[]>(Scroll, 100);
            Assert.Equal(all, extensions[0]);
            Assert.InRange(extensions[1], 1, 80);

            await visit.GoAsync("t/acme/calls");
            int[] calls = await visit.Page.EvaluateAsync<int[]>(Scroll, 80);
            Assert.InRange(calls[0], 250, int.MaxValue);                // three of the API's pages, of a hundred each
            Assert.InRange(calls[1], 1, 80);
            Assert.Empty(visit.Faults);
        }
    }
}
